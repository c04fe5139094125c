/** Puts what was looked up into a sentence. */
import type { Choice, Intent } from '#chat/contract.ts'

type Row = Record<string, unknown>

const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isMoney = (value: unknown): value is { amount: string; currency: string } =>
  isRow(value) && typeof value.amount === 'string' && typeof value.currency === 'string'
const spaced = (name: string): string =>
  name.replace(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)

const amounts = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 4 })
/** Exactly: the digits of the text are what is shown. */
const money = ({ amount, currency }: { amount: string; currency: string }): string =>
  `${amounts.format(amount as `${number}`)} ${currency}`

interface List {
  name: string
  nodes: Row[]
  isMore: boolean
  count: number | null
  totals: string[]
}

const listOf = (name: string, value: unknown): List | undefined => {
  if (!isRow(value) || !Array.isArray(value.nodes)) return undefined
  const totals = (Array.isArray(value.totals) ? value.totals : []).flatMap((one) =>
    isRow(one) && isMoney(one.total) ? [money(one.total)] : [],
  )
  const pageInfo = isRow(value.pageInfo) ? value.pageInfo : {}
  const count = typeof value.totalCount === 'number' ? value.totalCount : null
  return { name, nodes: value.nodes.filter(isRow), isMore: pageInfo.hasNextPage === true, count, totals }
}

const counted = ({ name, nodes, isMore, count, totals }: List, adjective: string): string => {
  const n = count ?? nodes.length
  const many = `${count === null && isMore ? 'at least ' : ''}${n === 0 ? 'no' : n}`
  const noun = n === 1 ? spaced(name).replace(/ies$/, 'y').replace(/s$/, '') : spaced(name)
  const worth = n > 0 && totals.length > 0 ? ` worth ${totals.join(' and ')}` : ''
  return `${many} ${adjective}${noun}${worth}`
}

const adjectiveOf = (intent: Intent, variables: Row): string => {
  const place = intent.places.find(({ path }) => path === 'open')
  const open = variables.open ?? place?.fallback
  return open === true ? 'open ' : open === false ? 'closed ' : ''
}

/** The one thing of a record that its operation is about: a score, or an amount. */
const figureOf = (record: Row): string | undefined => {
  for (const [name, value] of Object.entries(record)) {
    if (isMoney(value)) return `${spaced(name)} ${money(value)}`
    if (!isRow(value)) continue
    const { score } = value
    if (typeof score === 'string' || typeof score === 'number') return `${spaced(name)} ${score} of 100`
    const inner = Object.entries(value).find(([, part]) => isMoney(part))
    if (inner) return `${spaced(inner[0])} ${money(inner[1] as never)}`
  }
  return undefined
}

/** What was found, in words. */
export const sentenceOf = (intent: Intent, variables: Row, data: Row): string => {
  const entries = Object.entries(data)
  const [[name, root] = ['', null]] = entries
  if (entries.length !== 1) return intent.description
  if (root === null || root === undefined) return 'Nothing of the kind was found, or you may not see it.'
  const list = listOf(name, root)
  const adjective = adjectiveOf(intent, variables)
  if (list)
    return `There ${list.nodes.length === 1 && (list.count ?? 1) === 1 ? 'is' : 'are'} ${counted(list, adjective)}.`
  if (!isRow(root))
    return Array.isArray(root)
      ? `There are ${root.length} ${spaced(name)}.`
      : `${spaced(name)}: ${String(root)}.`
  const called = root.name ?? root.number ?? root.partNumber ?? root.e164 ?? root.ban
  const lists = Object.entries(root).flatMap(([field, value]) => listOf(field, value) ?? [])
  const about = lists.find((one) => intent.name.toLowerCase().endsWith(one.name.toLowerCase())) ?? lists[0]
  if (typeof called !== 'string')
    return about ? `There are ${counted(about, adjective)}.` : intent.description
  if (about && (lists.length === 1 || intent.name.toLowerCase().endsWith(about.name.toLowerCase())))
    return `${called} has ${counted(about, adjective)}.`
  if (about) return `${called} has ${lists.map((one) => counted(one, '')).join(', ')}.`
  const figure = figureOf(root)
  return figure ? `${called}: ${figure}.` : `${called}.`
}

const KINDS: Readonly<Record<string, string>> = {
  ...{ customers: 'customer', unifiedCustomers: 'customer', trunks: 'trunk', deals: 'deal', rfqs: 'rfq' },
  ...{ portfolio: 'customer', healthMovers: 'customer' },
}

/** What was listed: what "the second one" means in the next sentence. */
export const listedIn = (data: Row): Choice[] => {
  const [[name, root] = ['', null]] = Object.entries(data)
  const list =
    listOf(name, root) ??
    (isRow(root)
      ? Object.entries(root).flatMap(([field, value]) => listOf(field, value) ?? [])[0]
      : undefined)
  const kind = list && KINDS[list.name]
  if (!list || !kind) return []
  return list.nodes.slice(0, 50).flatMap((node) => {
    const record = isRow(node.customer) && kind === 'customer' ? node.customer : node
    const label = record.name ?? record.number
    return typeof record.id === 'string' && typeof label === 'string'
      ? [{ label, subject: { kind, id: record.id, label } }]
      : []
  })
}
