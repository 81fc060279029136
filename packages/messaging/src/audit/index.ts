export type { AuditOptions, AuditReport, Finding, Severity } from './types';
