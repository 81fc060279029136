/** Jest's counterpart of esbuild's text loader: a .sql file is a module whose default export is its text. */
module.exports = {
  process: (text) => ({ code: `module.exports = ${JSON.stringify(text)};` }),
};
