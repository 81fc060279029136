const { default: Sequencer } = require('@jest/test-sequencer');

/** On a machine that has no times of earlier runs, jest begins with the largest files; the longest test would be the last one then. */
const LONGEST = /test\/deploy\/dev\.test\.ts$/;

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    return [
      ...sorted.filter(({ path }) => LONGEST.test(path)),
      ...sorted.filter(({ path }) => !LONGEST.test(path)),
    ];
  }
};
