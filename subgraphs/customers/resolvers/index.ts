import { DriftRepair, DriftReport } from '#control/answers/drift.ts'
import { DeadLetter, SyncLog } from '#control/answers/failures.ts'
import { SyncPlan, SyncPlanItem } from '#control/answers/plans.ts'
import { WebhookDay, WebhookRecord, WebhookSummary } from '#control/answers/webhooks.ts'
import type { Resolvers } from '#schema/generated/customers.types.ts'
import { runTimes } from '#service/run-times.ts'
import { AutoTicketOpened } from './AutoTicketOpened.ts'
import { BillingAccount, C3Account } from './accounts.ts'
import { BulkJob } from './bulk.ts'
import { CompanyRecord } from './CompanyRecord.ts'
import { Conflict } from './Conflict.ts'
import { Contact } from './Contact.ts'
import { CrmIntegration } from './CrmIntegration.ts'
import { Customer } from './Customer.ts'
import {
  ConflictConnection,
  ContactConnection,
  CustomerConnection,
  DeadLetterConnection,
  DealConnection,
  DealRfqConnection,
  IdentityCandidateConnection,
  NoteConnection,
  OwnerConnection,
  RenewalConnection,
  StakeholderConnection,
  TaskConnection,
  TicketConnection,
} from './connections.ts'
import { Deal } from './Deal.ts'
import { GoldenMove, GoldenRules } from './golden.ts'
import { HubSpotIntegration } from './HubSpotIntegration.ts'
import { Identity } from './Identity.ts'
import { ComparedAccount, MatchStep } from './identity-candidates.ts'
import { Mutation } from './Mutation.ts'
import { Note } from './Note.ts'
import { Onboarding, OnboardingStep } from './Onboarding.ts'
import { Owner } from './Owner.ts'
import { PortalProperty, PropertyChange } from './PortalProperty.ts'
import { PendingField } from './pending-writes.ts'
import { PolicyVersion } from './policy.ts'
import { RecordProperty } from './properties.ts'
import { Query } from './Query.ts'
import { Relation } from './relations.ts'
import { Rfq } from './rfq-links.ts'
import { Stakeholder } from './Stakeholder.ts'
import { Subscription } from './Subscription.ts'
import { Task } from './Task.ts'
import { Ticket } from './Ticket.ts'
import { TimelineEntry } from './timeline.ts'
import { WebhookDelivery, WebhookEvent } from './webhooks.ts'

export const resolvers: Resolvers = {
  Query,
  Mutation,
  Subscription,
  Customer,
  CustomerConnection,
  Identity,
  Contact,
  ContactConnection,
  CompanyRecord,
  Stakeholder,
  StakeholderConnection,
  Deal,
  DealConnection,
  DealRfqConnection,
  ComparedAccount,
  MatchStep,
  IdentityCandidateConnection,
  GoldenMove,
  GoldenRules,
  Relation,
  Rfq,
  OwnerConnection,
  RenewalConnection,
  Ticket,
  TicketConnection,
  Task,
  TaskConnection,
  Note,
  NoteConnection,
  Owner,
  Onboarding,
  OnboardingStep,
  C3Account,
  AutoTicketOpened,
  BillingAccount,
  HubSpotIntegration,
  PortalProperty,
  PropertyChange,
  RecordProperty,
  BulkJob,
  PendingField,
  SyncRun: runTimes,
  SyncLog,
  SyncPlan,
  SyncPlanItem,
  DeadLetter,
  DeadLetterConnection,
  CrmIntegration,
  Conflict,
  ConflictConnection,
  DriftReport,
  DriftRepair,
  PolicyVersion,
  TimelineEntry,
  WebhookDelivery,
  WebhookEvent,
  WebhookRecord,
  WebhookSummary,
  WebhookDay,
}
