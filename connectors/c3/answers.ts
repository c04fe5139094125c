import * as z from 'zod'
import type { Check } from '../http.ts'
import type { C3Page, Kind, Kinds } from './wire.ts'

/** Checks of C3's pages: what we rely on must be there. A page that fails its check counts as no answer. */
const instant = z.string().refine((text) => !Number.isNaN(Date.parse(text)))
const price = z.string().regex(/^-?\d+(\.\d+)?$/)
const maybe = z
  .string()
  .nullish()
  .transform((text) => text ?? null)
const maybePrice = price.nullish().transform((text) => text ?? null)
const id = z.string().min(1)
const versioned = { version: z.int(), updatedAt: instant, deleted: z.boolean().default(false) }

const stockRow = z.object({
  stockId: id,
  partNumber: z.string(),
  manufacturer: z.string(),
  description: z.string().default(''),
  location: z.string(),
  quantityAvailable: z.int(),
  quantityReserved: z.int(),
  costPerUnit: price,
  currency: z.string().length(3),
  dateCode: maybe,
  lotCode: maybe,
  ...versioned,
})

const rfq = z.object({
  rfqId: id,
  rfqNumber: z.string(),
  quoteId: maybe,
  customerId: id,
  buyer: maybe,
  status: z.string(),
  currency: z.string().length(3),
  total: maybePrice,
  dueAt: instant,
  createdAt: instant,
  lines: z.array(
    z.object({
      line: z.int(),
      partNumber: z.string(),
      manufacturer: z.string(),
      quantity: z.int(),
      targetPrice: maybePrice,
      unitPrice: maybePrice,
    }),
  ),
  ...versioned,
})

const customer = z.object({
  customerId: id,
  name: z.string(),
  domain: maybe,
  phone: maybe,
  city: maybe,
  state: maybe,
  country: maybe,
  ...versioned,
})

const pageOf = <T>(item: z.ZodType<T>): Check<C3Page<T>> => {
  const page = z.object({ items: z.array(item), nextCursor: z.string().nullable() })
  return (body) => page.parse(body)
}

export const PAGES: { [K in Kind]: Check<C3Page<Kinds[K]>> } = {
  inventory: pageOf(stockRow),
  rfqs: pageOf(rfq),
  customers: pageOf(customer),
}
