/** Takes the place of `named-placeholders` in bundles: statements here have `?` only. */
function namedPlaceholders(): never {
  throw new Error('named placeholders are left out of this bundle');
}

export = namedPlaceholders;
