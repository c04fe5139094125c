import type { StateEvent } from '#events/feed.ts'
import { firstCallMade } from '../domain/first-call.ts'
import { accountChanged, numberChanged, type Sealing, trunkChanged } from '../domain/telling.ts'
import { alertOpened } from '../domain/telling-alerts.ts'
import { invoiceChanged } from '../domain/telling-invoices.ts'
import { brandChanged, campaignChanged, portChanged } from '../domain/telling-registrations.ts'
import { accountsAfter } from '../store/accounts.ts'
import { standingAlertsInFull } from '../store/alerts.ts'
import { assetsOf } from '../store/assets.ts'
import { firstCallsOf } from '../store/first-calls.ts'
import { invoicesOfAccounts } from '../store/invoices.ts'
import { messagingOf } from '../store/messaging.ts'
import { numbersOfPorts, portsOfAccounts } from '../store/ports.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'

const PAGE = 500

/** Everything one organisation holds here, as the events that would have led to it: for a sibling that starts anew. */
export const tellState = (sealing: (orgId: string) => Sealing | undefined) =>
  async function* (tx: object, orgId: string): AsyncGenerator<StateEvent> {
    const own = asTransaction(tx)
    const seal = sealing(orgId)
    for (let after = ''; ; ) {
      const accounts = await accountsAfter(own, orgId, after, PAGE)
      const last = accounts.at(-1)
      if (!last) return
      const bans = accounts.map((account) => account.ban)
      const { trunks, numbers } = await assetsOf(own, orgId, bans)
      for (const account of accounts)
        yield { ...accountChanged(account, account.updatedAt), occurredAt: account.updatedAt }
      for (const trunk of trunks)
        yield { ...trunkChanged(trunk, trunk.updatedAt), occurredAt: trunk.updatedAt }
      for (const number of numbers)
        yield { ...numberChanged(number, number.updatedAt, seal), occurredAt: number.updatedAt }
      for (const call of await firstCallsOf(own, orgId, bans))
        yield { ...firstCallMade(call, call.observedAt), occurredAt: call.observedAt }
      // Those that are over are history: whoever starts anew needs only what stands.
      for (const alert of await standingAlertsInFull(own, orgId, bans))
        yield { ...alertOpened(alert, alert.openedAt), occurredAt: alert.openedAt }
      for (const invoice of await invoicesOfAccounts(own, orgId, bans))
        yield { ...invoiceChanged(invoice, invoice.updatedAt), occurredAt: invoice.updatedAt }
      yield* registrations(own, orgId, bans)
      after = last.ban
    }
  }

/** What these accounts have asked other carriers and the registry for. */
async function* registrations(
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
): AsyncGenerator<StateEvent> {
  const ports = await portsOfAccounts(tx, orgId, bans)
  const numbers = await numbersOfPorts(
    tx,
    orgId,
    ports.map(({ id }) => id),
  )
  for (const port of ports)
    yield { ...portChanged(port, numbers.get(port.id) ?? [], port.updatedAt), occurredAt: port.updatedAt }
  const { brands, campaigns } = await messagingOf(tx, orgId, bans)
  for (const brand of brands) yield { ...brandChanged(brand, brand.updatedAt), occurredAt: brand.updatedAt }
  for (const campaign of campaigns)
    yield { ...campaignChanged(campaign, campaign.updatedAt), occurredAt: campaign.updatedAt }
}
