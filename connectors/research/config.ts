import { allOrNone, type Reader, secret, url } from '#kernel/config.ts'

/** The service that knows companies; undefined: nobody is asked. */
export const research = allOrNone({ url: url('RESEARCH_URL'), key: secret('RESEARCH_KEY') })
export type ResearchConfig = NonNullable<typeof research extends Reader<infer T> ? T : never>
