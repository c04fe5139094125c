import { z } from 'zod'
import { job } from '#service/jobs.ts'

const payload = z.object({ orgId: z.string(), n: z.int() })

export const count = job({ name: 'count', payload, firstDelaySeconds: 1, attempts: 4 })
export const endless = job({ name: 'endless', payload, batch: 1 })
export const single = job({ name: 'single', payload, single: 'queued', key: ({ n }) => `${n}` })
export const alone = job({ name: 'alone', payload, batch: 1, single: 'active', key: ({ n }) => `${n}` })
