import { raisingAlerts } from '#control/raise-alerts.ts'
import { alertRaised } from '../domain/telling.ts'

/** Tells operators of what failed three times with C3. */
export const raiseAlerts = raisingAlerts(alertRaised)
