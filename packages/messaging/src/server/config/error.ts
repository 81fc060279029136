/** A configuration that cannot be used: names the key, where its value came from, and the rule. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
