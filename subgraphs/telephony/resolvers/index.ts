export { BillingAccount } from './BillingAccount.ts'
export { Customer } from './Customer.ts'
export {
  MessagingCampaignConnection,
  PhoneNumberConnection,
  PortOrderConnection,
  TrunkConnection,
} from './connections.ts'
export { Mutation } from './Mutation.ts'
export { MessagingBrand, MessagingCampaign } from './messaging.ts'
export { PhoneNumber } from './PhoneNumber.ts'
export { PortOrder } from './ports.ts'
export { Query } from './Query.ts'
export { Subscription } from './Subscription.ts'
export { Trunk } from './Trunk.ts'
export { UsagePoint } from './usage.ts'
