export { Customer } from './Customer.ts'
export { Mutation } from './Mutation.ts'
export { Query } from './Query.ts'
export { Subscription } from './Subscription.ts'
