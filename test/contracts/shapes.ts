import { z } from 'zod'

/** The JSON that the simulator may answer with, whole: neither a field too few nor one that HubSpot does not have. */

const text = z.string()
const instant = z.iso.datetime()
const values = z.record(text, text.nullable())
const context = z.record(text, z.array(text))
const paging = z
  .strictObject({ next: z.strictObject({ after: text, link: text.optional() }).optional() })
  .optional()
const page = <T extends z.ZodType>(one: T) => z.strictObject({ results: z.array(one), paging })
const list = <T extends z.ZodType>(one: T) => z.strictObject({ results: z.array(one) })
const dated = { createdAt: instant, updatedAt: instant }

const rowError = z.strictObject({
  status: z.literal('error'),
  category: text,
  subCategory: text.optional(),
  message: text.min(1),
  context,
})
const batch = <T extends z.ZodType>(one: T) =>
  z
    .strictObject({
      status: z.literal('COMPLETE'),
      results: z.array(one),
      requestedAt: instant,
      startedAt: instant,
      completedAt: instant,
      numErrors: z.int().positive().optional(),
      errors: z.array(rowError).optional(),
    })
    .refine(
      ({ numErrors = 0, errors = [] }) => numErrors >= errors.length && errors.length > 0 === numErrors > 0,
    )

const record = z.strictObject({
  id: text.regex(/^\d+$/),
  properties: values,
  propertiesWithHistory: z
    .record(
      text,
      z.array(
        z.strictObject({ value: text, timestamp: instant, sourceType: text, sourceId: text.optional() }),
      ),
    )
    .optional(),
  ...dated,
  archived: z.boolean(),
  archivedAt: instant.optional(),
  objectWriteTraceId: text.optional(),
  new: z.boolean().optional(),
  associations: z.record(text, page(z.strictObject({ id: text, type: text.min(1) }))).optional(),
})

const category = z.enum(['HUBSPOT_DEFINED', 'USER_DEFINED', 'INTEGRATOR_DEFINED', 'WORK'])
const association = z.strictObject({ category, typeId: z.int(), label: text.nullable() })
const associated = z.strictObject({ toObjectId: z.int(), associationTypes: z.array(association).min(1) })
const ref = z.strictObject({ id: text })
const defaultPair = z.strictObject({
  from: ref,
  to: ref,
  associationSpec: z.strictObject({ associationCategory: category, associationTypeId: z.int() }),
})
const labelled = z.strictObject({
  fromObjectTypeId: text,
  fromObjectId: z.int(),
  toObjectTypeId: text,
  toObjectId: z.int(),
  labels: z.array(text),
})
const configuration = z.strictObject({
  category,
  typeId: z.int(),
  label: text.optional(),
  fromObjectTypeId: text.optional(),
  toObjectTypeId: text.optional(),
  userEnforcedMaxToObjectIds: z.int().optional(),
})

const option = z.strictObject({ label: text, value: text, displayOrder: z.int(), hidden: z.boolean() })
const property = z.strictObject({
  name: text,
  label: text,
  type: z.enum(['string', 'number', 'date', 'datetime', 'bool', 'enumeration']),
  fieldType: text,
  description: text,
  groupName: text,
  options: z.array(option),
  displayOrder: z.int(),
  calculated: z.boolean(),
  externalOptions: z.boolean(),
  hasUniqueValue: z.boolean(),
  hidden: z.boolean(),
  hubspotDefined: z.boolean(),
  formField: z.boolean(),
  archived: z.boolean(),
  ...dated,
  modificationMetadata: z.strictObject({
    archivable: z.boolean(),
    readOnlyDefinition: z.boolean(),
    readOnlyOptions: z.boolean().optional(),
    readOnlyValue: z.boolean(),
  }),
})
const group = z.strictObject({ name: text, label: text, displayOrder: z.int(), archived: z.boolean() })
const stage = z.strictObject({
  id: text,
  label: text,
  displayOrder: z.int(),
  metadata: z.record(text, text),
  ...dated,
  archived: z.boolean(),
})
const pipeline = z.strictObject({
  id: text,
  label: text,
  displayOrder: z.int(),
  stages: z.array(stage),
  ...dated,
  archived: z.boolean(),
})
const audit = z.strictObject({
  portalId: z.int(),
  identifier: text,
  action: z.enum(['CREATE', 'UPDATE', 'DELETE']),
  timestamp: instant,
  fromUserId: z.int(),
  rawObject: z.unknown(),
})
const link = z.strictObject({
  id: text,
  fromObjectTypeId: text,
  toObjectTypeId: text,
  name: text,
  ...dated,
})
const schema = z.strictObject({
  id: text,
  objectTypeId: text,
  fullyQualifiedName: text,
  name: text,
  labels: z.strictObject({ singular: text.optional(), plural: text.optional() }),
  description: text.optional(),
  primaryDisplayProperty: text.optional(),
  secondaryDisplayProperties: z.array(text),
  requiredProperties: z.array(text),
  searchableProperties: z.array(text),
  properties: z.array(property),
  associations: z.array(link),
  archived: z.boolean(),
  restorable: z.boolean(),
  ...dated,
})
const owner = z.strictObject({
  id: text,
  email: z.email(),
  type: z.enum(['PERSON', 'QUEUE']),
  firstName: text,
  lastName: text,
  userId: z.int().nullable(),
  userIdIncludingInactive: z.int(),
  ...dated,
  archived: z.boolean(),
  teams: z.array(z.strictObject({ id: text, name: text, primary: z.boolean() })).optional(),
})

const token = z.strictObject({
  name: text,
  label: text,
  type: z.enum(['string', 'number', 'date', 'enumeration']),
  options: z.array(z.strictObject({ label: text, value: text })).optional(),
  objectPropertyName: text.optional(),
  ...dated,
})
const template = z.strictObject({
  id: text,
  name: text,
  objectType: text,
  headerTemplate: text.optional(),
  detailTemplate: text.optional(),
  tokens: z.array(token),
  ...dated,
})
const event = z.strictObject({
  id: text,
  eventTemplateId: text,
  objectType: text,
  objectId: text,
  tokens: z.record(text, text),
  timestamp: instant,
  createdAt: instant,
})
const holder = { user: text, hub_domain: text, scopes: z.array(text), hub_id: z.int(), user_id: z.int() }
const subscription = z.strictObject({
  id: text,
  eventType: text,
  propertyName: text.optional(),
  objectTypeId: text.optional(),
  active: z.boolean(),
  ...dated,
})

const segment = z.strictObject({
  listId: text,
  listVersion: z.int().positive(),
  name: text,
  objectTypeId: text,
  processingType: z.enum(['MANUAL', 'DYNAMIC', 'SNAPSHOT']),
  processingStatus: z.literal('COMPLETE'),
  ...dated,
  createdById: text,
  filtersUpdatedAt: instant.optional(),
})
const sized = segment.extend({ size: z.int() })
const changed = z.strictObject({
  recordsIdsAdded: z.array(text),
  recordIdsRemoved: z.array(text),
  recordIdsMissing: z.array(text),
})
const memberPage = z.strictObject({
  results: z.array(z.strictObject({ recordId: text, membershipTimestamp: instant })),
  total: z.int(),
  paging,
})

/** What a refusal looks like. */
export const REFUSAL = z.strictObject({
  status: z.literal('error'),
  message: text.min(1),
  correlationId: z.uuid(),
  category: text.optional(),
  subCategory: text.optional(),
  errors: z
    .array(z.strictObject({ message: text, code: text.optional(), context: context.optional() }))
    .optional(),
  context: context.optional(),
  links: z.record(text, text).optional(),
})

/** The shape of what a request is answered with; the first that fits the request holds. */
export const SHAPES: readonly (readonly [request: RegExp, shape: z.ZodType])[] = [
  [/^POST \/crm\/v3\/objects\/\w+\/batch\//, batch(record)],
  [
    /^POST \/crm\/v3\/objects\/\w+\/search$/,
    z.strictObject({ total: z.int(), results: z.array(record), paging }),
  ],
  [/^GET \/crm\/v3\/objects\/\w+$/, page(record)],
  [/ \/crm\/v3\/objects\//, record],
  [/^GET \/crm\/v4\/objects\/\w+\/\d+\/associations\/\w+$/, page(associated)],
  [/^PUT \/crm\/v4\/objects\/\w+\/\d+\/associations\/default\//, batch(defaultPair)],
  [/^PUT \/crm\/v4\/objects\//, labelled],
  [
    /^POST \/crm\/v4\/associations\/\w+\/\w+\/batch\/read$/,
    batch(z.strictObject({ from: ref, to: z.array(associated).min(1), paging })),
  ],
  [/^POST \/crm\/v4\/associations\/\w+\/\w+\/batch\/create$/, batch(labelled)],
  [/^POST \/crm\/v4\/associations\/\w+\/\w+\/batch\/associate\/default$/, batch(defaultPair)],
  [/ \/crm\/v4\/associations\/\w+\/\w+\/labels/, list(association)],
  [/^POST \/crm\/v4\/associations\/definitions\/configurations\//, batch(configuration)],
  [/^GET \/crm\/v4\/associations\/definitions\/configurations\//, list(configuration)],
  [
    /^POST \/crm\/v4\/associations\/usage\//,
    z.strictObject({ userId: z.int(), userEmail: z.email(), enqueueTime: instant }),
  ],
  [/^GET \/crm\/v3\/associations\/\w+\/\w+\/types$/, list(z.strictObject({ id: text, name: text }))],
  [
    /^POST \/crm\/v3\/associations\/\w+\/\w+\/batch\/read$/,
    batch(z.strictObject({ from: ref, to: z.array(z.strictObject({ id: text, type: text })) })),
  ],
  [/^POST \/crm\/v3\/associations\//, batch(z.strictObject({ from: ref, to: ref, type: text }))],
  [/^POST \/crm\/v3\/properties\/\w+\/batch\//, batch(property)],
  [/^GET \/crm\/v3\/properties\/\w+\/groups$/, list(group)],
  [/ \/crm\/v3\/properties\/\w+\/groups/, group],
  [/^GET \/crm\/v3\/properties\/\w+$/, list(property)],
  [/ \/crm\/v3\/properties\//, property],
  [/^GET \/crm\/v3\/pipelines\/\w+\/.*audit$/, list(audit)],
  [/^GET \/crm\/v3\/pipelines\/\w+\/\w+\/stages$/, list(stage)],
  [/ \/crm\/v3\/pipelines\/\w+\/\w+\/stages/, stage],
  [/^GET \/crm\/v3\/pipelines\/\w+$/, list(pipeline)],
  [/ \/crm\/v3\/pipelines\//, pipeline],
  [/ \/crm-object-schemas\/v3\/schemas\/.*associations$/, link],
  [/^GET \/crm-object-schemas\/v3\/schemas$/, list(schema)],
  [/^PATCH \/crm-object-schemas\/v3\/schemas\//, schema.omit({ properties: true, associations: true })],
  [/ \/crm-object-schemas\/v3\/schemas/, schema],
  [/^GET \/crm\/v3\/owners\/?$/, page(owner)],
  [/ \/crm\/v3\/owners\//, owner],
  [
    /^POST \/crm\/v3\/lists\/search$/,
    z.strictObject({
      lists: z.array(segment.extend({ additionalProperties: z.record(text, text) })),
      total: z.int(),
      offset: z.int(),
      hasMore: z.boolean(),
    }),
  ],
  [
    /^GET \/crm\/v3\/lists\/records\//,
    z.strictObject({
      results: z.array(
        z.strictObject({
          listId: text,
          listVersion: z.int(),
          firstAddedTimestamp: instant,
          lastAddedTimestamp: instant,
        }),
      ),
      total: z.int(),
    }),
  ],
  [/^PUT \/crm\/v3\/lists\/\d+\/memberships\//, changed],
  [/^GET \/crm\/v3\/lists\/\d+\/memberships/, memberPage],
  [/^PUT \/crm\/v3\/lists\/\d+\/update-/, z.strictObject({ updatedList: sized })],
  [
    /^POST \/crm\/v3\/lists\/?$/,
    z.strictObject({ list: segment.extend({ filterBranch: z.unknown().optional() }) }),
  ],
  [/^GET \/crm\/v3\/lists\/?$/, z.strictObject({ lists: z.array(sized) })],
  [/^GET \/crm\/v3\/lists\//, z.strictObject({ list: sized })],
  [/^POST \/integrators\/timeline\/v3\/events\/batch\//, batch(event)],
  [/^GET \/integrators\/timeline\/v3\/events\/.*\/detail$/, z.strictObject({ details: text })],
  [/^GET \/integrators\/timeline\/v3\/events\/.*\/render$/, text],
  [/ \/integrators\/timeline\/v3\/events/, event],
  [/^(POST|PUT) \/integrators\/timeline\/v3\/\d+\/event-templates\/\d+\/tokens/, token],
  [/^GET \/integrators\/timeline\/v3\/\d+\/event-templates$/, list(template)],
  [/ \/integrators\/timeline\/v3\/\d+\/event-templates/, template],
  [
    /^POST \/oauth\/v1\/token$/,
    z.strictObject({
      token_type: z.literal('bearer'),
      access_token: text,
      refresh_token: text,
      expires_in: z.int(),
      token_use: text.optional(),
      hub_id: z.int().optional(),
      scopes: z.array(text).optional(),
      user_id: z.int().optional(),
    }),
  ],
  [
    /^GET \/oauth\/v1\/access-tokens\//,
    z.strictObject({
      ...holder,
      token: text,
      app_id: z.int(),
      expires_in: z.int(),
      token_type: z.literal('access'),
    }),
  ],
  [
    /^GET \/oauth\/v1\/refresh-tokens\//,
    z.strictObject({ ...holder, token: text, client_id: text, token_type: z.literal('refresh') }),
  ],
  [
    / \/webhooks\/v3\/\d+\/settings$/,
    z.strictObject({
      targetUrl: z.url(),
      throttling: z.strictObject({ maxConcurrentRequests: z.int() }),
      ...dated,
    }),
  ],
  [/^POST \/webhooks\/v3\/\d+\/subscriptions\/batch\//, batch(subscription)],
  [/^GET \/webhooks\/v3\/\d+\/subscriptions$/, list(subscription)],
  [/ \/webhooks\/v3\/\d+\/subscriptions/, subscription],
]
