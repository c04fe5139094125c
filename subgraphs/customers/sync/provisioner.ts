import type { HubSpot } from '#connectors/hubspot/index.ts'
import type { OwnObject } from '../domain/own-objects.ts'
import type { ProvisioningPlan, Wanted } from '../domain/provisioning.ts'
import { type Furnished, furnishPortal } from './furnish-portal.ts'
import { type Surveyed, surveyPortal } from './survey-portal.ts'

/** Provisions one portal. */
export interface Provisioner {
  /** See `surveyPortal`. */
  survey(wanted: Wanted): Promise<{ wanted: Wanted; survey: Surveyed }>
  /** See `furnishPortal`. */
  furnish(ask: { plan: ProvisioningPlan; survey: Surveyed; own: readonly OwnObject[] }): Promise<Furnished>
}

/** Opens what provisions a portal. */
export const openProvisioner = (hubspot: HubSpot): Provisioner => ({
  survey: (wanted) => surveyPortal(hubspot, wanted),
  furnish: (ask) => furnishPortal(hubspot, ask),
})
