import { raisingAlerts } from '#control/raise-alerts.ts'
import { alertRaised } from '../domain/telling.ts'

/** Tells operators of what failed three times with HubSpot. */
export const raiseAlerts = raisingAlerts(alertRaised)
