export { TrunkTick, UsageTick } from './active-calls.ts'
export { TelephonyAlert } from './alerts.ts'
export { BillingAccount } from './BillingAccount.ts'
export { Customer } from './Customer.ts'
export {
  BillingAccountConnection,
  MessagingCampaignConnection,
  PhoneNumberConnection,
  PortOrderConnection,
  TelephonyAlertConnection,
  TrunkConnection,
} from './connections.ts'
export { CreditRule } from './credit.ts'
export { GrowthMonth } from './growth.ts'
export { Invoice, InvoiceLine } from './invoices.ts'
export { Mutation } from './Mutation.ts'
export { MessagingBrand, MessagingCampaign } from './messaging.ts'
export { PhoneNumber } from './PhoneNumber.ts'
export { PortOrder } from './ports.ts'
export { Query } from './Query.ts'
export { AccountRatePlan, RatePlan, RatePlanTerms } from './rate-plans.ts'
export { Subscription } from './Subscription.ts'
export { MonthToDate, MrrPoint } from './spend.ts'
export { Trunk } from './Trunk.ts'
export { UsagePoint } from './usage.ts'
export { UtilisationPoint } from './utilisation.ts'
