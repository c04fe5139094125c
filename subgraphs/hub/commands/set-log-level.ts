import { isArea } from '#kernel/log.ts'
import { audit } from '#service/audit.ts'
import { type InvalidRefusal, invalid } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { type LogLevelSettingRow, saveLogLevel } from '../store/log-levels.ts'

export interface LogLevelSet {
  __typename: 'LogLevelSet'
  setting: LogLevelSettingRow
}

const LONGEST_MS = 86_400_000
const LONGEST_AREA = 100

/** Has an area of the log tell more or less, until a moment that is a day away at most. Setting the same again changes nothing. */
export const setLogLevel = async (
  { db, orgId, principal, clock }: Pick<Context, 'db' | 'orgId' | 'principal' | 'clock'>,
  setting: LogLevelSettingRow,
): Promise<LogLevelSet | InvalidRefusal> => {
  const { area, until } = setting
  if (area.length > LONGEST_AREA || !isArea(area))
    return invalid('area', 'Name an area as the log does, such as customers:webhooks or customers:*.')
  const at = clock.now()
  const inMs = until.getTime() - at.getTime()
  if (!(inMs > 0 && inMs <= LONGEST_MS))
    return invalid('until', 'Name a moment that is to come, a day from now at most.')
  await db.transaction(orgId, async (tx) => {
    const before = await saveLogLevel(tx, orgId, setting, at)
    const subject = { type: 'LogLevelSetting', id: area }
    await audit(tx, {
      orgId,
      principal,
      action: 'setLogLevel',
      subject,
      before: before ? { ...before } : null,
      after: { ...setting },
      at,
    })
  })
  return { __typename: 'LogLevelSet', setting }
}
