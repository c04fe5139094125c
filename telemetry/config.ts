import { type Environment, type Fault, int, optional, type Reader, secret, url } from '#kernel/config.ts'

/** How the hub is seen from outside. */
export interface Seeing {
  /** For how many days the audit is kept; undefined: without limit. */
  auditKeptDays: number | undefined
  /** Where traces are sent; undefined: nowhere. */
  tracesTo: string | undefined
  /** Of how many traces in a hundred that begin here one is kept whole. */
  tracedPercent: number
  /** Who shows it may read measures; undefined: they are shown to this machine alone. */
  metricsToken: string | undefined
  /** A port of their own for measures; undefined: they are shown where the process answers anyway. */
  metricsPort: number | undefined
}

const spec = {
  auditKeptDays: optional(int('AUDIT_KEPT_DAYS', undefined, 30, 36_500)),
  tracesTo: optional(url('OTEL_EXPORTER_OTLP_ENDPOINT')),
  tracedPercent: int('TRACED_PERCENT', 100, 0, 100),
  metricsToken: optional(secret('METRICS_TOKEN', undefined, 16)),
  metricsPort: optional(int('METRICS_PORT', undefined, 1, 65_535)),
}

/** What operators say of it. */
export const seeing: Reader<Seeing> = (env: Environment, faults: Fault[]) => ({
  auditKeptDays: spec.auditKeptDays(env, faults),
  tracesTo: spec.tracesTo(env, faults),
  tracedPercent: spec.tracedPercent(env, faults) ?? 100,
  metricsToken: spec.metricsToken(env, faults),
  metricsPort: spec.metricsPort(env, faults),
})
