/** What a service tells of itself after a deployment, by the output's name. */
export type Outputs = Readonly<Record<string, { readonly value: string; readonly description: string }>>;
