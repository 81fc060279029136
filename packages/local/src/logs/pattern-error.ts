/** What is wrong with a filter pattern. */
export class FilterPatternError extends Error {}
