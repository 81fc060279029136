export { audit } from './audit';
export { RULES } from './rules';
export type { AuditOptions, AuditReport, Finding, Severity } from './types';
