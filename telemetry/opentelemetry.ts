/** Traces by OpenTelemetry. Loaded by whoever wants them, and by nobody else: it takes longer to load than the rest of this floor. */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node'
import { isPersonalName, withoutPersons } from '#kernel/mask.ts'
import type { TraceParent } from './traceparent.ts'
import { codeOfError, makeSteps, type Said, type Step, type StepMaker } from './traces.ts'

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT }
type Resource = NonNullable<NonNullable<ConstructorParameters<typeof NodeTracerProvider>[0]>['resource']>

/** Traces that are being sent. Disposing it sends what is left, and makes no more. */
export interface Traces extends AsyncDisposable {
  /** Sends now what waits to be sent. */
  flush(): Promise<void>
}

/**
 * Begins to make traces.
 * @param options.to the address of an OTLP receiver, such as `http://localhost:4318`
 * @param options.percent of how many in a hundred that begin here one is kept; a trace that began elsewhere is kept when it is kept there
 */
export const openTraces = ({ to, percent }: { to: string; percent: number }): Traces => {
  const processor = new BatchSpanProcessor(new OTLPTraceExporter({ url: `${to}/v1/traces` }))
  const attributes = { 'service.name': 'tributary' }
  // Made by hand: what would read the machine's own names is another package.
  const resource: Resource = {
    attributes,
    merge: () => resource,
    getRawAttributes: () => Object.entries(attributes),
  }
  const provider = new NodeTracerProvider({
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(percent / 100) }),
    spanProcessors: [processor],
    resource,
  })
  const tracer = provider.getTracer('tributary')
  makeSteps({
    begin: (name, { parent, kind, links = [], said = {} }) => {
      const around = parent ? trace.setSpanContext(ROOT_CONTEXT, contextOf(parent)) : ROOT_CONTEXT
      const span = tracer.startSpan(
        withoutPersons(name),
        {
          kind: kind ? KINDS[kind] : SpanKind.INTERNAL,
          links: links.map((link) => ({ context: contextOf(link) })),
          attributes: clean(said),
        },
        around,
      )
      const { traceId, spanId, traceFlags } = span.spanContext()
      return {
        trace: { traceId, spanId, isSampled: (traceFlags & TraceFlags.SAMPLED) !== 0 },
        end: (error, more = {}) => {
          span.setAttributes(clean(more))
          if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: codeOfError(error) })
          span.end()
        },
      } satisfies Step
    },
  } satisfies StepMaker)
  return {
    flush: () => provider.forceFlush(),
    [Symbol.asyncDispose]: async () => {
      makeSteps(undefined)
      await provider.shutdown()
    },
  }
}

const contextOf = ({ traceId, spanId, isSampled }: TraceParent) => ({
  traceId,
  spanId,
  traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
  isRemote: true,
})

/** What is said is ours; should a value of somebody's slip in, it does not leave by its name, nor do its addresses, numbers and keys. */
const clean = (said: Said): Said =>
  Object.fromEntries(
    Object.entries(said)
      .filter(([name]) => !isPersonalName(name.slice(name.lastIndexOf('.') + 1)))
      .map(([name, value]) => [name, typeof value === 'string' ? withoutPersons(value) : value]),
  )
