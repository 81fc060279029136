/**
 * What runs CloudFront functions, in a thread that can be ended whatever they do. A function sees the language, and what is made for
 * it inside its own context: what goes in and out is text.
 */
export const EDGE_WORKER = `'use strict';
const { parentPort } = require('node:worker_threads');
const { Script, createContext } = require('node:vm');

const surroundings = new Script(\`'use strict';
{
  const lines = [];
  const write = (...values) => {
    lines.push(values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(' '));
  };
  globalThis.console = { log: write, error: write, warn: write, info: write, debug: write };
  globalThis.require = (name) => {
    throw new Error("require('" + name + "') is not hosted here");
  };
  globalThis.__run = async (handler, input) => {
    let outcome;
    try {
      outcome = { value: await handler(JSON.parse(input)) };
    } catch (error) {
      outcome = { error: String(error) };
    }
    return JSON.stringify({ ...outcome, lines });
  };
}\`);
const scripts = new Map();

function scriptOf(code) {
  if (!scripts.has(code)) scripts.set(code, new Script(code));
  return scripts.get(code);
}

parentPort.on('message', async ({ code, event }) => {
  const context = createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } });
  let outcome;
  try {
    surroundings.runInContext(context);
    scriptOf(code).runInContext(context);
    outcome = await new Script('__run(handler, ' + JSON.stringify(event) + ')').runInContext(context);
  } catch (error) {
    outcome = JSON.stringify({ error: String(error), lines: [] });
  }
  parentPort.postMessage(outcome);
});
`;
