// A day with masto.js (Elk, Phanpy's kin): everything through its own calls, streams over one WebSocket.
import { openAsBlob } from 'node:fs'
import { createOAuthAPIClient, createRestAPIClient, createStreamingAPIClient } from 'masto'
import WebSocket from 'ws'
import { asked, codeFrom, expect, over, step, until } from './day.mjs'

const redirectUri = 'urn:ietf:wg:oauth:2.0:oob'
const scopes = 'read write follow push'
const url = asked.url

const accessToken = await step('log in', async () => {
  const app = await createRestAPIClient({ url }).v1.apps.create({ clientName: 'masto.js', redirectUris: redirectUri, scopes })
  const address = `${url}/oauth/authorize?${new URLSearchParams({
    client_id: app.clientId, redirect_uri: redirectUri, response_type: 'code', scope: scopes,
  })}`
  const token = await createOAuthAPIClient({ url }).token.create({
    clientId: app.clientId, clientSecret: app.clientSecret, redirectUri, grantType: 'authorization_code',
    code: await codeFrom(address), scope: scopes,
  })
  return token.accessToken
})
const api = createRestAPIClient({ url, accessToken })
const other = createRestAPIClient({ url, accessToken: asked.other })
const me = await step('who am I', async () => {
  const found = await api.v1.accounts.verifyCredentials()
  expect(found.username === 'camille' && found.source, `I am ${found.username}`)
  return found
})
const them = await other.v1.accounts.verifyCredentials()

const instance = await step('the instance, both versions', async () => {
  const [two, one] = [await api.v2.instance.fetch(), await api.v1.instance.fetch()]
  expect(two.configuration.urls.streaming && one.urls.streamingApi, 'no address of streams')
  expect(two.configuration.statuses.maxCharacters > 0, 'no length of statuses')
  return two
})
await step('preferences, emojis, announcements, rules, peers', async () => {
  await api.v1.preferences.fetch()
  expect(Array.isArray(await api.v1.customEmojis.list()), 'emojis are no list')
  expect(Array.isArray(await api.v1.announcements.list()), 'announcements are no list')
  expect(Array.isArray(await api.v1.instance.peers.list()), 'peers are no list')
})
const status = await step('a status with a warning and a language', async () => {
  const made = await api.v1.statuses.create({
    status: 'Bonjour de masto.js #essai', spoilerText: 'Essai', language: 'fr', visibility: 'unlisted',
  })
  expect(made.spoilerText === 'Essai' && made.visibility === 'unlisted' && made.tags[0].name === 'essai', JSON.stringify(made))
  return made
})
await step('a picture, and words for it', async () => {
  const media = await api.v2.media.create({ file: await openAsBlob(asked.picture, { type: 'image/jpeg' }), description: 'Le puits' })
  expect(media.url && media.meta.original.width === 320, JSON.stringify(media))
  const made = await api.v1.statuses.create({ status: 'Une image', mediaIds: [media.id] })
  expect(made.mediaAttachments[0].description === 'Le puits', 'its words are lost')
})
await step('an edit, its history and source', async () => {
  await api.v1.statuses.$select(status.id).update({ status: 'Bonjour, corrigé' })
  expect((await api.v1.statuses.$select(status.id).history.list()).length === 2, 'no history')
  expect((await api.v1.statuses.$select(status.id).source.fetch()).text === 'Bonjour, corrigé', 'not its source')
})
await step('a thread', async () => {
  const answer = await other.v1.statuses.create({ status: '@camille bienvenue', inReplyToId: status.id })
  const around = await api.v1.statuses.$select(status.id).context.fetch()
  expect(around.descendants.some((each) => each.id === answer.id), 'the answer is not below')
})
await step('marks, and who made them', async () => {
  const theirs = await other.v1.statuses.create({ status: 'À marquer' })
  const it = api.v1.statuses.$select(theirs.id)
  expect((await it.favourite()).favourited && (await it.bookmark()).bookmarked, 'not marked')
  expect((await it.reblog()).reblog.id === theirs.id, 'not around the status')
  expect((await it.favouritedBy.list())[0].id === me.id && (await it.rebloggedBy.list())[0].id === me.id, 'not by me')
  expect((await api.v1.bookmarks.list()).some((each) => each.id === theirs.id), 'not in my bookmarks')
  expect((await api.v1.favourites.list()).some((each) => each.id === theirs.id), 'not in my favourites')
  await it.unreblog()
  await it.unbookmark()
  expect(!(await it.unfavourite()).favourited, 'still a favourite')
  await api.v1.statuses.$select(status.id).pin()
  await api.v1.statuses.$select(status.id).unpin()
})
await step('a poll, voted in', async () => {
  const made = await api.v1.statuses.create({ status: 'Quand ?', poll: { options: ['samedi', 'dimanche'], expiresIn: 3600 } })
  const voted = await other.v1.polls.$select(made.poll.id).votes.create({ choices: [1] })
  expect(voted.votesCount === 1 && voted.ownVotes[0] === 1, JSON.stringify(voted))
})
await step('a status for later, and none', async () => {
  const later = await api.v1.statuses.create({ status: 'Plus tard', scheduledAt: new Date(Date.now() + 3600_000).toISOString() })
  expect((await api.v1.scheduledStatuses.list()).some((each) => each.id === later.id), 'not kept')
  await api.v1.scheduledStatuses.$select(later.id).remove()
})
await step('people: found, followed, muted, blocked, noted', async () => {
  const found = await api.v1.accounts.lookup({ acct: 'mairie' })
  expect(found.id === them.id, 'not found')
  const it = api.v1.accounts.$select(them.id)
  expect((await it.follow()).following, 'not followed')
  expect((await api.v1.accounts.relationships.fetch({ id: [them.id] }))[0].following, 'no relationship')
  expect((await api.v1.accounts.$select(me.id).following.list()).some((each) => each.id === them.id), 'not in my list')
  expect((await it.note.create({ comment: 'la mairie' })).note === 'la mairie', 'not noted')
  expect((await it.mute({ duration: 60 })).muting && (await api.v1.mutes.list())[0].id === them.id, 'not muted')
  await it.unmute()
  expect((await it.block()).blocking && (await api.v1.blocks.list())[0].id === them.id, 'not blocked')
  expect(!(await it.unblock()).blocking, 'still blocked')
  await it.follow()
  await api.v1.accounts.search.list({ q: 'mai' })
  await api.v1.accounts.familiarFollowers.fetch({ id: [them.id] })
})
await step('timelines, page by page', async () => {
  for (const word of ['un', 'deux', 'trois']) await other.v1.statuses.create({ status: `Avis ${word} #avis` })
  const pages = []
  for await (const page of api.v1.timelines.home.list({ limit: 2 }).values()) {
    pages.push(page)
    if (pages.length === 2) break
  }
  expect(pages.length === 2 && pages[0][0].content.includes('trois'), 'no second page, or another order')
  expect(pages[1].every((each) => each.id < pages[0][1].id), 'the pages overlap')
  expect((await api.v1.timelines.tag.$select('avis').list()).length === 3, 'not under the hashtag')
  expect((await api.v1.timelines.public.list({ local: true })).length > 0, 'the local timeline is empty')
  expect((await api.v1.accounts.$select(them.id).statuses.list({ limit: 2 })).length === 2, 'not on the account')
})
await step('lists, filters, hashtags', async () => {
  const list = await api.v1.lists.create({ title: 'Voisins' })
  await api.v1.lists.$select(list.id).accounts.create({ accountIds: [them.id] })
  expect((await api.v1.timelines.list.$select(list.id).list()).length > 0, 'the list is empty')
  await api.v1.lists.$select(list.id).remove()
  const filter = await api.v2.filters.create({ title: 'F', context: ['home'], filterAction: 'warn', keywordsAttributes: [{ keyword: 'deux' }] })
  const home = await api.v1.timelines.home.list()
  expect(home.some((each) => each.filtered?.[0]?.filter.id === filter.id), 'nothing is filtered')
  await api.v2.filters.$select(filter.id).remove()
  expect((await api.v1.tags.$select('avis').follow()).following, 'the hashtag is not followed')
  expect((await api.v1.followedTags.list()).some((each) => each.name === 'avis'), 'not among the followed')
  await api.v1.tags.$select('avis').unfollow()
})
await step('search', async () => {
  expect((await api.v2.search.list({ q: 'mairie' })).accounts.some((each) => each.id === them.id), 'no account')
  expect((await api.v2.search.list({ q: '#avis', type: 'hashtags' })).hashtags.length > 0, 'no hashtag')
})
await step('notifications and markers', async () => {
  await other.v1.statuses.$select(status.id).favourite()
  const told = await until('the favourite', async () => (await api.v1.notifications.list()).find((each) => each.type === 'favourite'))
  expect(told.account.id === them.id && told.status.id === status.id, JSON.stringify(told))
  await api.v1.markers.create({ notifications: { lastReadId: told.id } })
  expect((await api.v1.markers.fetch({ timeline: ['notifications'] })).notifications.lastReadId === told.id, 'no marker')
  await api.v1.notifications.$select(told.id).dismiss()
  await api.v1.notifications.clear()
  expect((await api.v1.notifications.list()).length === 0, 'not cleared')
})
await step('the profile', async () => {
  const changed = await api.v1.accounts.updateCredentials({ displayName: 'Camille (masto.js)', note: 'Essais', fieldsAttributes: [{ name: 'Site', value: 'aucun' }] })
  expect(changed.displayName === 'Camille (masto.js)' && changed.fields[0].name === 'Site', JSON.stringify(changed))
  await api.v1.accounts.updateCredentials({ displayName: 'Camille' })
})
await step('streams over one socket: a status, a notification, a deletion, a hashtag', async () => {
  const streaming = createStreamingAPIClient({ streamingApiUrl: instance.configuration.urls.streaming, accessToken, implementation: WebSocket })
  const [user, tag] = [streaming.user.subscribe(), streaming.hashtag.subscribe({ tag: 'direct' })]
  const heard = []
  const listen = async (subscription, name) => {
    for await (const event of subscription) heard.push({ name, event: event.event, payload: event.payload })
  }
  listen(user, 'user').catch(() => {})
  listen(tag, 'hashtag').catch(() => {})
  await until('something on the streams', async () => {
    const sign = await other.v1.statuses.create({ status: 'Entends-tu ? #direct' })
    await new Promise((done) => setTimeout(done, 500))
    const both = ['user', 'hashtag'].every((name) => heard.some((each) => each.name === name && each.event === 'update'))
    await other.v1.statuses.$select(sign.id).remove()
    return both
  })
  await until('a deletion', () => heard.some((each) => each.event === 'delete'))
  await other.v1.statuses.$select(status.id).favourite().catch(() => {})
  await other.v1.statuses.create({ status: '@camille attention' })
  await until('a notification', () => heard.some((each) => each.event === 'notification' && each.payload.type === 'mention'))
  user.unsubscribe()
  tag.unsubscribe()
  streaming.close()
})
await step('a deletion gives the text back', async () => {
  expect((await api.v1.statuses.$select(status.id).remove()).text === 'Bonjour, corrigé', 'its text is lost')
})
await step('a refusal is an error with its words', async () => {
  const refused = await api.v1.statuses.$select('1').fetch().catch((error) => error)
  expect(refused.statusCode === 404 && refused.message === 'Record not found', `${refused.statusCode} ${refused.message}`)
})
over()
