/* eslint-disable @typescript-eslint/consistent-type-imports -- an ambient module cannot import by a relative name */
/** The parts of dynalite that are used here, whose modules have no types of their own. */
declare module 'dynalite/db' {
  const db: import('./dynalite').DynaliteDb;
  export = db;
}
declare module 'dynalite/validations' {
  const validations: import('./dynalite').Validations;
  export = validations;
}
declare module 'dynalite/actions/*' {
  const action: import('./dynalite').Action;
  export = action;
}
declare module 'dynalite/validations/*' {
  const validation: import('./dynalite').Validation;
  export = validation;
}
