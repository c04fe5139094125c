/** Things and deeds in English. */
export const CONCEPTS: Readonly<Record<string, string>> = {
  // Things
  customer:
    'customer file, company file, account file, client file, customer, client, company, account, business, firm, organization record, buyer, prospect, prospects, customer base, client base, clientele, partner company',
  billing_account: 'billing account, telephony account, phone account, ban, warp account',
  deal: 'in play, deal, opportunity, opp, pipeline, sell to, selling to, sales opportunity, sales pipeline, business opportunity, deals in play, trying to sell, want to sell, hope to sell, hoping to sell, working on with, negotiating, negotiate with, about to close, business about to close, going to close',
  ticket:
    'ticket, support ticket, support case, case, support request, help request, request for help, helpdesk ticket, complaint, complain, issue, problem, trouble ticket, incident, support issue, complained, complaining, support problem, service request, service ticket, unhappy about, support queue, trouble with, problems logged with support, support history, contacted support, called support, trouble',
  task: 'task, to do, to dos, todo, todos, to-do, to-dos, have to do, has to do, need to do, left to do, needs to be done, need to be done, work item, action item, follow up, follow ups, followup, follow-up, follow-ups, on my plate, action items, to-do list, todo list, to do list, my list, chores, duties, tasks to do, have on my list, things to do, has to be done, must be done, assignments, reminder list',
  note: 'note, written down, wrote down, memo, activity note, notes, noted, jotted down, remarks, remark, comment, comments, annotations',
  activity: 'activity, activities',
  colleague:
    'account manager, account managers, account executive, sales rep, sales reps, salesperson, salespeople, record owner, record owners, customer success manager',
  person: 'person, people, address book, contact, contact person, employee, staff',
  stakeholder:
    'stakeholder, decision maker, decisionmaker, decision-maker, decide, has a say, have a say, buying committee, key contact, key people, key person, influencer, champion, main contact, should i call, should we talk to, should i talk to, to talk to, should i speak to, should i contact, sign off, buying center, buying centre, people matter, important person, important people, important contact, reach out to, economic buyer, right person, right contact, best contact, call the shots, calls the shots, in charge, point of contact, points of contact, contacts at, contact at, responsible, sign the contract, make the decision, makes the decisions, know at, decides, people behind, who runs, runs the show, get in touch with, get hold of, buying center members, contact persons, talk to, speak to, speak with, talk with, purse strings, hold the purse, holds the budget, budget holder',
  rfq: 'request, requests, rfq, request for quotation, request for quote, request for price, requests for prices, quote request, quotation request, price request, request for prices, requests for quotation, requests for quote, rfqs, price inquiry, inquiry, enquiry, quotation, asked us to quote, asked us for a quote, asked for a quote, asked for quotes, price requests, requested quotes, requested a quote, quotes requested, quote requests, quotations, asking for prices, asked for prices, wants a quote, want a quote, inquiries, enquiries',
  stock:
    'stock, in stock, on the shelf, stock level, inventory, on hand, quantity on hand, availability, available, left, warehouse, lies in stock, have in stock, in store, on shelf, stocked, inventory level, stock situation, units left, pieces left, how many pieces, remaining stock, stock count, in the warehouse, stock on hand, have on stock, on stock, inventory count, how many units, pieces of, units of, quantity left, stock overview, supply of, lying around, got left, have left',
  part: 'part, component, part number, chip, item, article, sku, mpn',
  supplier:
    'buy parts from, buy from whom, from whom do we buy, from whom do we get, get parts from, get our parts from, order parts from, parts come from, supplier, vendor, distributor, delivers part, deliver parts, supply us, supplies us, deliver, delivers, whom we buy from, who we buy from, source from, suppliers, our sources, sources parts, source parts, sources of parts, provider, delivers to us, manufacturers we buy from',
  trunk:
    'trunk, sip trunk, sip connection, sip line, voice trunk, telephony trunk, sip, trunk line, trunk group, voice line, sip trunking, phone trunk, trunk configuration',
  number:
    'number, phone number, telephone number, phone, telephone, tn, caller id, phone no, telephone no, dids, telephone numbers, phone lines, did number, direct line, landline, mobile number',
  emergency:
    'emergency address, emergency location, e911, 911, e911 address, 911 address, emergency service, emergency call, ambulance, emergency record, e911 record, 911 location, e-911, emergency services address, emergency, fire brigade, 911 record, emergency services, registered emergency location, where would the ambulance go, 112',
  invoice:
    'owe us, owes us, owed to us, money owed, invoice, bill, invoicing, billing document, invoices, billing statement, bills, statement, receivable, receivables, accounts receivable',
  alert:
    'alert, alarm, telephone alert, telephony alert, phone alert, alarming, threshold alert, in trouble, out of bounds, warning, phone side alert, alarms, threshold breach, breached threshold, exceeded threshold, threshold exceeded, limit exceeded, exceeds limit, telephone warnings, alerts firing, firing',
  usage:
    'calls did carry, calls carried, calls carry, calls did handle, calls handled, calls handle, calls ran over, calls went through, calls run through, calls go through, calls ran through, usage, traffic, call volume, minute, call minutes, went over, go over, calls went over, minutes did, volume, calls on, calls over, messages sent, call traffic, call statistics, call stats, carry traffic, much call, many call, calls made, phone usage, call usage, telephone usage, talk time, minutes used, telephoned, phone traffic, calls made, made calls, how busy, did call, calls did make, how much telephone, how much phone, calls made by, make calls, calls placed, placed calls',
  utilisation:
    'utilization, utilisation, capacity, how full, taken up, occupancy, load, busy hour, concurrency',
  health:
    'health, score, scores, healthy, unhealthy, health score, healthscore, how healthy, in good shape, health wise, health-wise, doing well, wellbeing, in good health, in poor health, in bad health, in great shape, health scoring, well being, health rating, health status, well off, how well, happy with us, satisfied, healthiness, healthcheck, health check, health state, vital signs',
  churn:
    'churn prob, churn, churn risk, churn probability, churn score, leave, leave us, leaving us, going to leave, lose, lose them, cancel on us, jump ship, walk away, defect, likely to leave, losing, attrition, churning, about to leave, departure, quit on us, flight risk, switch to a competitor, going away, retention risk, at risk of leaving, at risk of churning, risk of churn, risk of losing, likelihood of churn, likelihood to churn, leaving, stop buying, drop us, dropping us, going to a competitor, go to a competitor, give notice, terminate, walk out on us, stay with us, stick with us, staying, loyal, loyalty, retain, retention, keep them, keep as a customer, moving away, move away from us, chance of leaving, say goodbye, to cancel, customer cancel, client cancel, account cancel, cancel their contract, cancel its contract, cancel contract, cancel soon, cancel next, who cancel, they cancel, about to cancel, want to cancel, wants to cancel, threaten to cancel, is cancelling, might cancel, may cancel, will cancel, would cancel, could cancel, going to cancel, likely to cancel, cancellation',
  risk: 'risk, risky, risk assessment, risk profile, risk analysis, go wrong, danger, payment risk, risk factor, threat, exposure, risks involved, payment behaviour, payment behavior, credit risk, credit worthiness, creditworthy, creditworthiness, risk score, risk level, danger of default, how safe, safe to do business, red flags, warning signs',
  lead: 'lead, lead score, lead scoring, promising, promising prospect, good lead, hot lead, worth pursuing, likely to buy, should we call, hot as a lead, buy soon, our chance, chance with, prospect score, hot prospect, worth a call, worth calling, worth our time, good prospect, sales ready, likelihood to buy, worth chasing, chase, chasing, pursue, going after, go after, lead quality, qualified, promising lead, how hot, lead rating, buying intent, bother calling, bother with, worth the effort, worth an effort, worth following up',
  upsell:
    'else can buy from us, else can buy, else can order, else can purchase, else can take from us, else could buy from us, else could buy, else could order, else could purchase, else could take from us, else might buy from us, else might buy, else might order, else might purchase, else might take from us, else may buy from us, else may buy, else may order, else may purchase, else may take from us, else would buy from us, else would buy, else would order, else would purchase, else would take from us, else will buy from us, else will buy, else will order, else will purchase, else will take from us, more can buy from us, more can order, more can purchase, more can take from us, more could buy from us, more could order, more could purchase, more could take from us, more might buy from us, more might buy, more might order, more might purchase, more might take from us, more may buy from us, more may buy, more may order, more may purchase, more may take from us, more would buy from us, more would buy, more would order, more would purchase, more would take from us, more will buy from us, more will buy, more will order, more will purchase, more will take from us, upsell, upselling, up-sell, cross-sell, cross sell, cross-selling, cross selling, what else could we sell, sell more, sell else, else sell, expansion opportunity, expansion opportunities, expansion potential, expansion, something more, else could we sell, else can we sell, more can we sell, more could we sell, sell something more, additional product, other product, else might, else may, else could, else can, what more, more buy, buy more, upsell opportunity, upsell opportunities, upsell potential, upselling potential, offer next, offer, growth potential, grow the account, whitespace, white space, further product, add-on, add-ons, addon, addons, selling opportunity, sell in addition, additional sales, extra sales, sell on top, growth opportunity, growth opportunities, interested in buying, products could interest, additional products, products fit, product fit, what other products, could they use, could use from us, additional business, more business, pitch, upselling chances, cross-sell ideas, more can buy, more could buy, more can sell, expand our business, expand business, grow our business with, grow with, expand with',
  buying:
    'how regularly buy, how regularly order, how often buy, how often order, how frequently buy, how frequently order, usually order, when usually order, when usually buy, normally order, normally buy, typically order, typically buy, buying behavior, buying behaviour, buying pattern, buying habit, how often order, purchasing pattern, purchase behavior, purchase behaviour, purchasing behavior, purchasing behaviour, order frequency, ordering pattern, order pattern, ordering behavior, ordering behaviour, place order, places orders, often order, often buy, regularly order, frequently order, frequently purchase, frequently buy, usually buy, ordering more, order more, buy seasonally, seasonality, purchasing habit, buying rhythm, purchase pattern, ordering rhythm, ordering habit, order behavior, order behaviour, purchase frequency, buying frequency, seasonal, order habit, buying profile, how buys, regularly place, often does order, often place orders, buying cadence, order cadence, purchase cadence, place orders, places orders, place order, regularly does place orders, how regularly, ordering frequency, order schedule, order interval, days between orders, time between orders, buying cycle, order cycle, purchase cycle, ordering cycle, buy in a pattern, order regularly, orders regularly, buy regularly, buys regularly, purchase regularly, order often, buys often, orders often, buy often',
  purchase:
    'purchase, purchase history, bought, buy, order history, spend with us, spent with us, spend, spent, order, purchased, orders, buying history, past order, sales history, money spent, bought from us, buys from us, been buying, purchased from us, orders placed, past purchases, past orders, previous orders, products bought, ordered from us, acquired, shopping history, items purchased, spending history, expenditure',
  value:
    'future value, expected value, next expected order, expected order, next expected purchase, expected purchase, expected next order, lifetime value, ltv, clv, customer lifetime value, life time value, worth over time, future revenue, expected revenue, future spend, future spending, still spend, valuable, long run, next order, order again, buy again, buy next, orders next, order next, next purchase, purchase again, reorder date, next buy, worth to us, expected to spend, predicted spend, spend in the future, long term value, long-term value, worth in the long run, next order date, cltv, come back and buy, value over time, forecasted revenue, lifetime worth, how much will spend, revenue can we expect, revenue to expect, expected to bring, bring us over time, customer value, place the next order, placing the next order, order from us again, order something again, over its lifetime, over their lifetime, over the years',
  mrr: 'mrr, monthly recurring revenue, recurring revenue, pay a month, pays a month, pay per month, pay us monthly, pay monthly, monthly fee, monthly revenue, pay each month, pay every month, bill per month, paying a month, paying per month, paying monthly, monthly payment, make each month, making each month, make per month, monthly bill, monthly charge, pay us a month, pay us per month, pay us each month, pay us every month, earn per month, earn each month, monthly income, month by month fee, billing per month, charge per month, charge monthly, billed per month, billed monthly, revenue per month, revenue a month, bring in per month, brings in each month, bring in each month, bring in every month, brings in per month, monthly spend, bring us per month, pay every single month, pays us every month, paying us every month, per-month revenue, monthly amount, make from, earn from, earn with, revenue from, monthly recurring, monthly subscription, subscription revenue, recurring monthly, monthly turnover, each month bring',
  spend_limit: 'spend limit, spending limit, spending cap, spend cap, monthly limit, budget limit',
  account_spend:
    'spend on, spend of the account, spent so far, spend so far, how much use, spent this month, spend this month, used this month, billed this month, consumed this month, current charge',
  timeline:
    'interactions, history of interactions, interaction, timeline, what happened, happened, happen, event history, activity feed, history of event, story over time, event, events, latest event, been happening, chronology, event log, recent history, interaction history, chronicle, event feed, activity history, activity log, recent activity, recent activities, latest activity, latest activities, occurred, took place, take place, the story so far, latest on, news from, happening at, sequence of events, chain of events',
  overview:
    'do i need to know, do i have to know, should we know, do we need to know, everything there is, overview, everything about, 360 view, 360, full picture, brief me, briefing, brief, how are things, how is it going, going on, catch me up, where we stand, where do we stand, complete story, whole story, summary of everything, everything of, all we have on, everything on, all about, all we know, bird eye, dossier, know before, should i know, snapshot, rundown, run down, low-down, lowdown, get me up to speed, up to speed, bring me up to date, whole picture, everything we know, everything we have, all there is, all information, all info, complete picture, account review, at a glance, 360 degree view, 360 degree, 360-degree, update me, up on, what is up with, what is new with, what is the situation with, situation, the latest on, deal with the situation, prep me, prepare me, full profile, how do things stand, how things stand, how things are going, things with, things at, fill me in on, fill me in, clue me in, full rundown, big picture, low down, the lowdown, whole nine yards, one pager, one-pager, full story, tell me all about, full overview, complete overview, customer card, everything you know, everything you have, all you know, where things are, where things stand',
  enrichment:
    'enrichment, tell me about, summary, summary of, in a few sentences, in words, describe, description, write up, in short, in brief, story in sentence, short profile, short summary, summarize, summarise, in sentences, tell me a bit about, tell me something about, blurb, elevator pitch, what kind of company, what sort of company, what does the company do, in a nutshell, nutshell, introduce, paragraph about, short description, who or what is, one paragraph',
  graph:
    'tied to, tied with, people and firms, people and companies, companies and people, firms and people, relationship map, relationship graph, related to, relation, relationships, connected with, relationship, network of, linked with, knowledge graph, related, relate, connections of, connected with whom, links between, ties, ties of, corporate relations, parent company, subsidiaries, subsidiary, parent companies, relations of, network around, business network, network, companies and people, related companies, related people',
  identity:
    'duplicate, duplicates, duplicate customer, duplicate account, same customer, same company, same client, identity candidate, potential match, match candidate, company twice, matching candidate, may be the same, be the same, could be the same, twice, double entry, dedupe, deduplicate, same firm, possible match, double entries, probable match, doublet, merge candidate, merge candidates, look alike, lookalike, lookalikes, exist twice, belong together, the same customer, the same company, duplicates in our data, listed twice, appear twice, twins, twin accounts, possible twins, double customers, duplicated, duplicate records, overlap, overlapping accounts',
  insight:
    'insight, notice, noticed, found out, find out, observation, observe, spotted, discovered, discover, spot, detected, detection, noteworthy, remarkable, unusual, anything interesting, discoveries, aha, stands out, stand out, signals found, anomalies, anomaly, striking',
  recommendation:
    'recommendation, recommend, advice, recommended, recommending, suggestions, recommend something',
  action:
    'next best action, next step, next steps, should i do, should we do, suggest action, action, suggestion, suggest, do next, would you do, best next step, how can i help, how can we help, should be done, next action, what to do, next move, recommended action, best action, advise, actions recommended, how should we proceed, how do we proceed, course of action, game plan, our next move, what now, recommend something to do, recommend we do, advise us to do, next thing to do, best thing to do, proceed with',
  conflict:
    'conflict, conflicting, in conflict, disagree, disagreement, has to be decided, have to be decided, needs a decision, need a decision, to be decided, contradiction, contradict, conflicting change, clash, differ between, mismatch, changed on both sides, need deciding, needs deciding, awaiting a decision, wait for a decision, waiting for a decision, conflicts waiting, both changed, differ from, values differ, data conflict, data conflicts, disagreeing, contradictory, at odds, inconsistent, inconsistency, inconsistencies',
  dead_letter:
    'stuck in dead letter queue, records got stuck, record got stuck, records are stuck, dead letter, dead letters, dlq, record failed, records failed, failed record, failed records, could not be synced, could not be brought over, not be synced, dead letter queue, records with error, record with error, records with errors, not make it over, did not make it, fail to sync, failed to sync, could not sync, records that failed, records which failed, stuck record, stuck records, poison record, could not be imported, failed to import, failed imports, records stuck, unsynced record, unsynced records, rejected record, rejected records, dead-letter, dead-letters, deadletter, deadletters, records that failed to sync, failed to sync, could not be transferred, not be transferred, could not make it, could not be written, not be written, stuck in sync, failed to transfer, did not get through, refused records, records refused, not get through, undeliverable',
  sync: 'sync, synced, synch, synchronize, synchronise, synchronization, synchronisation, resync, re-sync, bring up to date, in sync, pull data, pull the data, pull the latest data, pull latest data, pull the newest data, pull the latest, pull the newest, pull new data, fetch data, fetch the data, fetch new data, fetch the latest data, fetch the latest, fetch latest, refresh, refresh the data, refresh data, get the latest, get the latest data, get the newest data, get latest data, import the latest, reload, up to date, update, load the latest data, load the latest, load latest, import data, import the data, import the latest data, get fresh data, pull fresh data, fresh data, get new data, grab the latest data, grab the latest, catch up with, fetch everything, pull everything, get updates, latest data, newest data, new data, get everything, how is the sync going, newest stuff, latest stuff, latest changes, import from, pull from, load from, fetch from, get everything from, pull in, pull over, bring in, bring over, download from, pull everything from, up to speed with hubspot, sync up, catch up',
  push: 'push, send, write, export, transfer, upload, publish, pass on, hand over, copy over, put into, forward, get into, deliver into, copy, feed, ship, get over, load into, propagate, into hubspot, over to hubspot, hubspot needs the latest, hubspot needs our, hubspot needs the current, hubspot needs the newest, hubspot should have the latest, hubspot should have our, hubspot has our newest, hubspot has our latest, hubspot has the newest, hubspot has the latest, hubspot gets our, hubspot gets the',
  outside_id:
    'hubspot id, id in hubspot, id hubspot, c3 id, id in c3, id c3, warp id, id in warp, id warp, outside id',
  sync_run: 'sync run, synchronization run, run of the sync',
  delivery: 'delivery, webhook delivery, hook delivery',
  log: 'log, log entry, log entries, journal, logbook, protocol, logs, went wrong, error log, log file, error messages, anything fail to sync, anything fail',
  status:
    'status, ok, okay, progress, state, how far, still running, running, how is going, finished yet, finish, condition, run, runs',
  history:
    'history, over time, trend, evolve, evolved, evolution, develop, developed, development, course, past, how did go, curve, chart, graph over time, progression, trajectory, change over time, changed over time, did go, trending, historical, historically, track over time, plot, changed since, gone',
  schedule:
    'nightly job, night job, next job, jobs by the clock, nightly jobs, schedule, scheduled, next sync, cron, by the clock, timetable, next run, when is next, regular job, scheduled job, scheduled next, next synchronization, sync next, next automatic, automatic sync, when will sync, timed, run automatically, automatically',
  connection:
    'connection, integration, connector, systems integration, interfaces, interface, integrations, links to other systems',
  connected:
    'connected, connected to, hooked up, hooked up to, linked up, plugged in, connect, hook up, linked, hooked, attached to, online, reachable, wired up',
  when: 'when, at what time',
  due: 'due, fall due, falls due',
  verify: 'check, validate, verify, test',
  system: 'system, other system, third-party system, systems ok',
  credential:
    'api key, api keys, access key, access keys, credential, token, api key valid, key good, key valid, credentials valid, login valid, authorization, access token, oauth, auth, key, login, authentication, sign-in, auth token, still valid',
  hubspot: 'hubspot, hub spot, hs, hubspot portal, hubspot crm, crm',
  c3: 'c3, c 3, quoting system, stock system',
  warp: 'warp',
  mapping:
    'mapping, mapped, field mapping, map, mappings, mapped to, correspond, corresponds, field assignment, fields mapped',
  field: 'field, property, properties, column, attribute',
  policy:
    'policy, wins conflict, who wins, wins over, wins against, system wins, side wins, hubspot wins, hub wins, c3 wins, conflict policy, conflict rule, precedence, takes precedence, prevail, who wins when, wins when, wins if, disagree with hubspot',
  audit:
    'audit, audit trail, audit log, who changed, who edited, who has been editing, who touched, who modified, who updated, who has been changing, changed by whom',
  partner_webhook:
    'outgoing webhook, outgoing webhooks, outbound webhook, outbound webhooks, partner webhook, partner webhooks, partners webhooks, webhooks partners, webhook of partners, webhooks for partners',
  webhook: 'webhook, webhook deliveries, hooks, web hook, web hooks',
  drift:
    'last comparison, found different, difference found, differences found, differences between, reconciliation repair, reconciliation report, drift, drift report, missing from, anything missing, did the reconciliation, reconciliation found, reconciliation find, reconciliation result, last reconciliation, reconciliation fix, reconciliation do, out of step, lost records, reconcile find, reconciliation change, last reconciliation repair, reconciliation repaired',
  pending:
    'not reached, not yet reached, has not reached, have not reached, pending change, pending changes, changes pending, changes are pending, pending write, waiting to be written, not yet written, yet to reach, unsent, not written yet, not been written, still to be written, not sent yet, unpushed, still waiting to be sent, not arrived in hubspot, not been sent, still to be sent, not in hubspot yet, outstanding changes, waiting to go to hubspot, reached hubspot, still to reach',
  onboarding:
    'onboarding, being onboarded, be onboarded, been onboarded, get onboarded, onboarded so far, onboarded yet, already onboarded, onboarded last, onboarded this, onboarded recently, customers onboarded, onboardings, onboarding process, getting started with us, being set up as a customer, new customer setup, welcome process',
  limits:
    'may i ask, may i still ask, rate limit, quota, limits, still ask, how many requests, requests may i, requests left, usage limit, my limits, throttle, throttled, rate limits, request limit',
  port_out: 'port these numbers out, port numbers out, port out, port them out, port this number out',
  port: 'port order, being ported, porting order, porting, number porting, ported, port-in, port-out, lnp, ported numbers, porting orders, being moved to us, port requests, number transfers, transfer of numbers, moved over from another carrier, numbers moved',
  campaign: 'campaign, messaging campaign, sms campaign, 10dlc, 10 dlc, 10dlc campaign, a2p',
  rate_plan: 'rate plan, price plan, tariff, pricing plan, plans cost, calling plan',
  growth:
    'telephone business, recurring revenue grow, revenue growth, mrr growth, telephony growth, new and lost accounts, mrr development, recurring revenue develop, recurring revenue growth, mrr grow, telephony business, how revenue grew, net new mrr, expansion and contraction, revenue develop, growth of recurring revenue, growth of mrr, telephone business grow, business developing, revenue developing, telephony revenue, phone business, phone revenue, recurring revenue, telephone revenue, business grow, grow our telephony',
  by_month: 'by month, month by month, monthly, each month, per month, months',
  renewal:
    'renewal, renew, contract end, contract expire, expiring contract, contract renewal, contracts end, contracts expiring, contract expiring, up for renewal, contract, expiring, expire, run out, runs out, renewals, contract runs out, contracts run out, ending contract, contracts ending, extension, extend, expiry, expiration, about to expire, contract renewals, renewal date',
  transaction:
    'stock transaction, stock transactions, stock movement, stock movements, inventory transactions, inventory movements, goods movement, goods movements, transaction, sales, sale, sold, sell, return, returned, came back, come back, goods sold, selling',
  movers:
    'mover, movers, moved, moved most, move, changed most, dropped, drop, fell, fall most, improved, improve, biggest change, health change, rose, score change, score changed, swing, swung, worse, got worse, better, got better, deteriorate, declined most, jumped, changed the most, worsened, gained, climbed, declined the most, biggest changes, largest changes, gained most, lost most, shifted, winners and losers, biggest gainers, biggest losers, changed lately, health moved',
  why_changed:
    'what moved, why did change, why did it change, what changed, which facts moved, moved it, reason for the change, why changed, what caused the change, caused, made it change, made the score change, why did the score, why did the health',
  distribution:
    'distributed, distribute, distribution, spread, breakdown, on average, average, overall, what share, share of, how many in poor, how many are thriving, histogram, how are our customers, how do our customers, mean, in total, percentage, proportion, split, all customers together, across all',
  portfolio:
    'who is in trouble, needs attention, need attention, at risk, at-risk, worry about, worry, least healthy, worst, rank, ranking, needs my attention, need my attention, portfolio, need our attention, needs our attention, in danger, struggling, bad shape customers, watch list, watchlist, sorted by worst, require attention, requires attention, deserve attention, weakest, lowest health, unhealthiest, concern, concerned, concerns, trouble, care about most, in bad shape, in poor shape, doing badly, doing poorly, doing worst, keep an eye on, look after, watch out for, focus on, need help, need care, take care of, call first, sorry state, problem customers, problem children, sick, ailing, most at risk, urgent attention, attention first, in a bad way, unhappy, in critical condition, troubled, accounts in trouble, customers in trouble, clients in trouble',
  alternative:
    'alternative, replace, replacement, substitute, stand in, stand-in, instead of, drop-in, alternate, swap, equivalent, reorder, order it again, re-order, supply risk, supply at risk, supply, reordering, second source, scarce, cross reference, cross-reference, supply threatened, restock, replenish, run out of, instead, equal part, other part, comparable part, similar part, compatible part, pin compatible, what else works, swap for, fallback part, substitutes, replacements',
  late: 'late, reliable, reliability, punctual, punctuality, delay, on time, dependable, delivery performance, trustworthy, always late, on schedule, keep their promises, delivers late, deliver late, delivery time, fastest, quick delivery',
  whoami:
    'who am i, whoami, may i do, am i allowed, my permission, my role, my right, my scope, permission, signed in, logged in, my account permission, am i an admin, my organization, which organization, my access, am i, what can i do, i allowed, role, rights, scope, access right, access rights, my profile, my user, allowed to do, i allowed to do, can i do here, may i do here, logged in as, my login, my name',
  conversation:
    'conversation, my chat, chat history, talk about, talked about, our chat, past chats, chats, talk about before, spoken about, said before, discussed, past conversations, earlier conversations, previous chats, our conversations, chats so far, previous questions',
  signal:
    'fact, facts, evidence, do we know of, known of, signals, signal, raw facts, single facts, data points, observations about',
  number_of: 'how many, how much, count, number of, amount of, quantity of, total number of',
  why: 'why, explain, reason, because of what, what drives, what speaks, drive, drives, behind',
  compare:
    'reconcile, reconciliation, compare everything, check everything, compare all, repair, repair what differs, compare, cross-check, full comparison, double check everything, fix difference, fix differences, differ, verify everything, verify all',
  company_record:
    'company record, companies record, hubspot company, hubspot companies, companies of hubspot, companies in hubspot',
  c3_account:
    'c3 account, accounts of c3, accounts in c3, accounts does c3 have, customers does c3 have, customers of c3',
  registration:
    'registration, registered for messaging, have registered, registered under, register for messaging',
  brand: 'brand, messaging brand, sender brand, sends messages, send texts as',
  version:
    'version, earlier version, previous version, former version, old version, policy changed over time, changed the policy over time, policy before',
  sync_plan:
    'sync plan, plans of syncs, plans for syncs, plans made for syncs, plans made for syncing, plans for syncing',
  change_feed:
    'change feed, changes feed, change stream, stream of changes, feed of changes, across all records, changed across records, changes to records, changed records, record changes, what changed everywhere',
  churn_model:
    'churn model, churn prediction model, model of churn, model for churn, learned of who leaves, learn who leaves, learned about who leaves, learn of customers who leave, learn about customers who leave',
  company_kind:
    'company kind, kind of company, company a supplier, company is a supplier, company a customer, counts as a supplier, company type, company types, type of company, types of company',
  credit_rule:
    'credit rule, rule for credit per call, credit per call, credit for each call, credit one call takes, credit one call, credit call takes, rule for credit',
  allowance:
    'am i allowed to do with, may i do with, allowed to do with, can i do with, actions allowed, actions may i take, actions can i take, allowed actions, permitted actions, may be done with, can be done with, allowed to edit, may i edit, can i edit, allowed to change, may i change',
  source:
    'source, come from, comes from, came from, originate, lineage, provenance, gave us, where we got, data origin',
  step: 'step, step by step, stage by stage',
  field_change:
    'property change, field change, properties changed, fields changed, changes to properties, changes of properties, changes to fields, changes of fields, changes to the hubspot properties, changes in the hubspot fields, happened to properties, happened to hubspot properties, happened to fields, happened to hubspot fields, properties were changed, properties deleted, fields deleted',
  golden:
    'golden rule, golden record, values chosen, value chosen, values of a customer chosen, source preferred, preferred source, preferred for each field, survivorship, which value counts, which source counts',
  doing_then: 'was doing, were doing, used to do, back then',
  calibration:
    'calibration, calibrated, how well calibrated, insights right, confidence right, kept its word, keep its word, how often right, often are right, turned out right, turn out right, turned out to be right, came true, come true, confidence reliable, reliable is the confidence, trust the confidence',
  engine:
    'insight engine, engine, judged in time, judged on time, scored in time, scored on time, scoring on schedule, scoring behind schedule, judging behind schedule, scoring behind, judging behind, behind with judging, behind with scoring, scoring up to date, keeping up',
  judging_run:
    'insight run, scoring run, judging run, engine run, run for all customers, engine did for all customers, run lately for all customers',
  judging:
    'customers judged, customers are judged, customers scored, judge customers, score customers, insight settings, insight setting, scoring settings, scoring setting, judging settings, settings customers are judged by, health settings, scoring weights, weights, weights go into the health score, weights of the health score, scoring thresholds, scoring configuration, scoring rules, counts towards health',
  setting: 'setting, configuration, preference, by itself, by themselves, on its own',
  log_level:
    'log level, logging level, logging, verbose, verbosity, log verbosity, areas of the log, log more than usual, log tells more',
  member:
    'in our organization, in my organization, in the organization, part of our organization, our users, invitation, invitations, member, user, team member, belongs to the organization, belong to the organization, belongs to organization, belong to organization, member of the organization, has access to the hub, have access to the hub, who has access, is on the team, is in our team',
  membership:
    'membership, organizations, which organizations belong to, organizations i belong to, organization am i a member of, which organizations, my organizations, list my organizations, organizations am i in, tenant, tenants am i a member',
  stage: 'stage, deal stage, hubspot stage',
  welcome: 'welcome, welcomed, greet new customers, greeted',
  welcome_mail: 'welcome mail, welcome email, welcome e-mail, welcome letter, welcome message, greeting mail',
  signal_kind:
    'signal kind, kind of signal, signal types, fact types, types of signals, types of facts, signal type, type of signal, fact kind, kind of fact, fact type, type of fact, signals can we send, signals can be sent, signals may be sent',
  timeline_kind:
    'kind of event, event kind, event type, type of event, timeline kind, kind of timeline event, type of timeline event, event types, types of event, types of timeline event, timeline event type',
  twin_policy:
    'twin policy, twin rule, policy for twins, made companies, made companies in hubspot, be made companies, become companies, become hubspot companies, become a company in hubspot, turned into companies, turned into hubspot companies, policy for creating companies, creates companies in hubspot, creating companies in hubspot',
  enrichment_failure:
    'enrichment failure, failed enrichment, enrichment failed, enrichments failed, could not be enriched, not be enriched, failed to enrich, fail to enrich, could not be written about, writing fail, writing failed, writing the summary fail, could not be summarized',
  cost: 'cost, costs, spent on, price of',
  threshold: 'threshold, alert threshold',
  file: 'as a file, file, in a file, into a file, to a file',
  provisioning:
    'make in hubspot, makes in hubspot, portal lack, hubspot lack, portal lacks, portal is lacking, lacking in the portal, provision, provisioning',
  // Deeds
  start: 'start, trigger, kick off, kick-off, launch, begin, initiate, fire off, execute, rerun, re-run',
  pause:
    'pause, stop syncing, put on hold, suspend, halt, hold, stop, take out of service, out of service, block, disable, deactivate, shut down, switch off, turn off, freeze, interrupt, turn it off, take down, shut off, cut off, bar, lock, take offline',
  resume:
    'resume, go on, unpause, reactivate, unsuspend, enable, re-enable, activate, turn on, switch on, turn back on, switch back on, back into service, back in service, carry calls again, unblock, continue, active again, restart, turn on again, bring back, unfreeze, back on, reenable, lift the suspension, unlock, re-activate, restore, put back in service, back online, back up, reopen the trunk, working again, let calls go through, calls go through again, let calls through',
  plan: 'plan a sync, what would a sync, dry run, dry-run, simulate, simulate a sync, preview, preview a sync, would do, would change, would happen, test run, plan the sync, rehearse, plan, would it change, would be synced, would be changed, before syncing, without doing it, what if, would bring, test sync, trial run, would be imported',
  retry:
    'have another go at, have another try at, try again, retry, replay, again try, reprocess, re-process, redo, try them again, rerun the failed, requeue, try failed records again, failed records again, another try, another go, second try, give another try',
  delete:
    'delete, remove, drop all, take down for good, down for good, tear down, permanently, erase, wipe, purge, destroy, get rid of, throw away, throw out, clear out, trash, truncate, nuke',
  create:
    'take a note, take note, take notes, make a note, make note, make notes, write a note, write note, put a note, leave a note, leave note, drop a note, note that, note down, jot a note, create, add, make a, make an, make new, new deal for, set up a, set up an, open a new, register, raise a, raise an, log a new, enter a, insert, schedule a, book a',
  change:
    'change, edit, modify, rename, set, adjust, assign, reassign, move to, move deal, move the deal, move ticket, move the ticket, mark, raise, lower, increase, decrease, fill in, overwrite, amend, correct, alter, reset',
  link: 'link, tie, attach, associate, connect with deal',
  unlink:
    'unlink, detach, disconnect, untie, separate, unmerge, cut the connection, end the connection, remove the connection',
  merge: 'merge, combine, consolidate, join together, unify',
  reserve:
    'reserve, hold part, hold parts, hold stock, set aside, put aside, earmark, hold back, put on the side',
  release: 'release, give back, free up, let go of',
  win: 'was won, were won, is won, as won, won by us, order is ours, deal is ours, got the order, we won, won this, have won, customer ordered, won the, win the',
  lose_rfq:
    'was lost, is lost, as lost, lost on, lost because, lost to a competitor, did not win, we lost, lost this, bought elsewhere, lost the',
  quote:
    'quote this, should we charge, could we charge, can we charge, to charge for, charge for, price should we, prices should we, price to ask, price to offer, what to quote, should i quote, to quote for, send price, send prices, quote the, price this, should we quote, prices for',
  approve: 'approve, accept, sign off on, authorize, ok this, dismiss, resolve, settle, escalate',
  reject:
    'reject, decline, turn down, is not the same customer, are not the same customer, not the same customer, was rejected',
  acknowledge: 'acknowledge, i am on, we are on, take on, i take, i have seen, on it',
  close: 'close, close for good, close down, shut for good',
  reopen: 'reopen, re-open, open again',
  complete: 'complete, is complete, went through, has gone through',
  submit: 'submit, hand in, send off, send to the carrier, send to the other carrier',
  cancel: 'cancel, abort, call off',
  void: 'void, annul',
  confirm_day: 'confirm, agreed to move',
  undo: 'undo, roll back, rollback, take back what, revert, reverse',
  retire: 'retire, no longer offer, stop offering',
  revoke: 'revoke, take back the key, invalidate',
  test_event: 'test event, test message, trial event',
  pay: 'has paid, have paid, paid this, record payment, record the payment, was paid, refund, payout',
  recompute:
    'recompute, judge all, rejudge, recalculate, recalculation, score anew, rescore, re-score, refresh the scores, judge everybody, judge anew, compute anew, re-calculate, recompute all, recomputed, score again, work out anew, rerun the scoring, refresh scores, reassess, calculate again, calculate anew, recalculate all',
  enrich: 'enrich, re-enrich',
  onboard: 'onboard',
  train: 'train, retrain, re-train, learn anew, learn again',
  unpin:
    'unpin, let the rules choose, let the rules decide, rules choose, rules decide, give back to the rules, back to the rules',
  rotate: 'rotate, renew webhook, new webhook secret, new secret',
  call: 'dial, ring up, text them, ring',
}

/** Deeds that change something. */
export const DEEDS: readonly string[] = [
  ...[
    'sync',
    'push',
    'connected',
    'start',
    'pause',
    'resume',
    'retry',
    'delete',
    'create',
    'change',
    'link',
    'unlink',
    'merge',
  ],
  ...['reserve', 'release', 'win', 'lose_rfq', 'approve', 'pay', 'recompute', 'enrich', 'compare', 'call'],
  ...[
    'acknowledge',
    'close',
    'reopen',
    'complete',
    'submit',
    'cancel',
    'undo',
    'retire',
    'revoke',
    'test_event',
  ],
  ...['onboard', 'train', 'unpin', 'rotate'],
]
