export { bareAddress, displayName } from './addresses';
export { MailFolder } from './mail-folder';
export type { MailFolderOptions } from './mail-folder';
export { SesAccount } from './ses-account';
export type { Identity } from './ses-account';
