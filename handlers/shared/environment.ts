export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws Error that names the variable, so that a wrong deployment says what it lacks */
export function required(env: Environment, name: string): string {
  const value = env[name];
  if (value === undefined || value === '') throw new Error(`environment variable ${name} is not set`);
  return value;
}
