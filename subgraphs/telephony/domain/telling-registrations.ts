import { event } from '#schema/events.ts'
import type { BrandStatus, CampaignStatus } from './messaging.ts'
import type { PortDirection, PortStatus } from './ports.ts'

export interface ToldPort {
  id: string
  ban: string
  direction: PortDirection
  status: PortStatus
  agreedOn: string | null
}

export interface ToldBrand {
  id: string
  ban: string
  tcrBrandId: string | null
  status: BrandStatus
}

export interface ToldCampaign {
  id: string
  brandId: string
  ban: string
  tcrCampaignId: string | null
  useCase: string
  status: CampaignStatus
}

/** An order to move numbers as others are told of it. Keyed by account, like the numbers. */
export const portChanged = (port: ToldPort, numberIds: readonly string[], observedAt: Date) =>
  event('telephony.port.changed', port.ban, {
    portOrderId: port.id,
    ban: port.ban,
    direction: port.direction,
    status: port.status,
    numberIds: [...numberIds],
    agreedOn: port.agreedOn,
    observedAt: observedAt.toISOString(),
  })

/** Who sends messages, as others are told of it: not by name. */
export const brandChanged = (brand: ToldBrand, observedAt: Date) =>
  event('telephony.brand.changed', brand.ban, {
    brandId: brand.id,
    ban: brand.ban,
    tcrBrandId: brand.tcrBrandId,
    status: brand.status,
    observedAt: observedAt.toISOString(),
  })

/** What messages are sent for, as others are told of it: not the messages. */
export const campaignChanged = (campaign: ToldCampaign, observedAt: Date) =>
  event('telephony.campaign.changed', campaign.ban, {
    campaignId: campaign.id,
    brandId: campaign.brandId,
    ban: campaign.ban,
    tcrCampaignId: campaign.tcrCampaignId,
    useCase: campaign.useCase,
    status: campaign.status,
    observedAt: observedAt.toISOString(),
  })
