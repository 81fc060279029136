/** Documented for developers who sign requests to the local APIs. */
export const DEVELOPER_KEY = { accessKeyId: 'test', secretAccessKey: 'test' } as const;
