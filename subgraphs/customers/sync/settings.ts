import { everyMs } from '../domain/settings.ts'
import { integrationsOf } from '../store/integrations.ts'
import { asTransaction } from '../store/transaction.ts'

/** How long after a connection's last run it is read again; null: only when somebody asks. @param shortest of this process */
export const readEveryMs =
  (shortest: number) =>
  async (raw: object, orgId: string, connectionId: string): Promise<number | null> => {
    const [row] = await integrationsOf(asTransaction(raw), orgId, [connectionId])
    if (!row || row.frequency === 'REALTIME' || row.frequency === 'FIVE_MINUTES') return shortest
    return everyMs(row.frequency)
  }
