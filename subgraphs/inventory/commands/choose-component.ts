import { publish } from '#events/outbox.ts'
import { isId, newId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { invalid, missing, type Refusal } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { rfqChanged } from '../domain/telling.ts'
import { noteAdviceDue } from '../store/advice-due.ts'
import { componentsById } from '../store/components.ts'
import { noteHappenings } from '../store/rfq-history.ts'
import { linesOf } from '../store/rfq-lines.ts'
import { touchRfq } from '../store/rfqs.ts'
import { chooseForLine, forgetSpelling, rememberSpelling } from '../store/spellings.ts'
import { staleRfq, standingRfq } from './standing-rfq.ts'

export interface ChoiceAsk {
  rfqId: string
  line: number
  componentId?: string | null | undefined
  expectedVersion?: number | null | undefined
}

/**
 * Says which part a line means, and remembers it for the customer's spelling; without a part, takes back what was said last. What is
 * so already is no change.
 */
export const chooseComponent = (
  ctx: Context,
  ask: ChoiceAsk,
): Promise<{ rfqId: string; receipt: Receipt } | Refusal> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const { componentId = null } = ask
    const rfq = await standingRfq(tx, orgId, ask.rfqId)
    if (!rfq) return missing('The request for prices')
    const stale = staleRfq(rfq, ask.expectedVersion)
    if (stale) return stale
    const line = (await linesOf(tx, orgId, [rfq.id])).find((each) => each.line === ask.line)
    if (!line) return invalid('line', `The request has no line ${ask.line}.`, 'NO_SUCH_LINE')
    const isKnown =
      componentId === null ||
      (isId(componentId) && (await componentsById(tx, orgId, [componentId])).length > 0)
    if (!isKnown) return missing('The part')
    const at = clock.now()
    const spelling = {
      accountId: rfq.accountId,
      partNumber: line.partNumber,
      manufacturer: line.manufacturer,
    }
    const isNews =
      componentId === null
        ? await forgetSpelling(tx, orgId, spelling, at)
        : await rememberSpelling(tx, orgId, { ...spelling, componentId }, at)
    const isChosen = await chooseForLine(tx, orgId, { rfqId: rfq.id, line: line.line, componentId })
    if (isNews || isChosen) {
      await touchRfq(tx, orgId, rfq.id, at)
      const kind = componentId === null ? ('COMPONENT_TAKEN_BACK' as const) : ('COMPONENT_CHOSEN' as const)
      const about = componentId ?? line.componentId
      await noteHappenings(tx, orgId, [
        {
          ...{ id: newId(clock), rfqId: rfq.id, at, kind, by: 'PERSON' },
          details: { line: line.line, ...(about === null ? {} : { componentId: about }) },
        },
      ])
      await audit(tx, {
        ...{ orgId, principal, at, action: 'chooseComponent', subject: { type: 'Rfq', id: rfq.id } },
        before: { [`line ${line.line}`]: line.componentId },
        after: { [`line ${line.line}`]: componentId },
      })
      await publish(tx, orgId, [rfqChanged(rfq, rfq.status, at, false)], at)
      // What is recommended for the line is about another part now.
      await noteAdviceDue(tx, 'rfqs', [rfq.id])
    }
    return { rfqId: rfq.id, receipt: await receiptOf(tx) }
  })
