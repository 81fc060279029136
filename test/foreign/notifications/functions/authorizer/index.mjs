export const handler = async ({ headers }) => ({ isAuthorized: headers.authorization === process.env.TOKEN });
