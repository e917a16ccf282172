// A day with megalodon (Fedistar, Whalebird): its Mastodon client, streams over its own WebSockets.
import { createReadStream } from 'node:fs'
import megalodon from 'megalodon'
import { asked, codeFrom, expect, over, pause, step, until } from './day.mjs'

const generator = megalodon.default ?? megalodon
const { detector } = megalodon
const url = asked.url
console.log = () => {} // it speaks of its connections, where this program speaks to the test

await step('it sees what kind of server this is', async () => {
  const kind = await detector(url)
  expect(kind === 'mastodon', kind)
})
const accessToken = await step('log in', async () => {
  const scopes = ['read', 'write', 'follow', 'push']
  const stranger = generator('mastodon', url)
  const app = await stranger.registerApp('megalodon', { scopes, redirect_uris: 'urn:ietf:wg:oauth:2.0:oob' })
  const code = await codeFrom(app.url)
  return (await stranger.fetchAccessToken(app.client_id, app.client_secret, code)).access_token
})
const api = generator('mastodon', url, accessToken)
const other = generator('mastodon', url, asked.other)
const of = async (asking) => (await asking).data

const me = await step('who am I', async () => {
  const found = await of(api.verifyAccountCredentials())
  expect(found.username === 'camille' && found.source, JSON.stringify(found))
  await of(api.verifyAppCredentials())
  return found
})
const them = await of(other.verifyAccountCredentials())

await step('the instance', async () => {
  const instance = await of(api.getInstance())
  expect(instance.urls.streaming_api && instance.stats.user_count >= 1, JSON.stringify(instance))
  expect(instance.configuration.statuses.max_characters > 0, 'no length of statuses')
  await of(api.getInstancePeers())
  await of(api.getInstanceActivity())
  await of(api.getInstanceDirectory())
  await of(api.getInstanceCustomEmojis())
  await of(api.getInstanceAnnouncements())
  await of(api.getPreferences())
})
const status = await step('a status with a warning and a language', async () => {
  const made = await of(api.postStatus('Bonjour de megalodon #megalodon', { spoiler_text: 'Essai', language: 'fr', visibility: 'unlisted' }))
  expect(made.spoiler_text === 'Essai' && made.visibility === 'unlisted' && made.tags[0].name === 'megalodon', JSON.stringify(made))
  return made
})
await step('a picture, and words for it', async () => {
  const media = await of(api.uploadMedia(createReadStream(asked.picture), { description: 'Le puits', focus: '0.5,0.5' }))
  expect(media.url && media.description === 'Le puits', JSON.stringify(media))
  await of(api.updateMedia(media.id, { description: 'Le puits du village' }))
  const made = await of(api.postStatus('Une image', { media_ids: [media.id] }))
  expect(made.media_attachments[0].description === 'Le puits du village', 'its words are lost')
})
await step('an edit and its source', async () => {
  await of(api.editStatus(status.id, { status: 'Bonjour, corrigé' }))
  expect((await of(api.getStatusSource(status.id))).text === 'Bonjour, corrigé', 'not its source')
  expect((await of(api.getStatus(status.id))).edited_at, 'it does not say that it was edited')
})
await step('a thread', async () => {
  const answer = await of(other.postStatus('@camille bienvenue', { in_reply_to_id: status.id }))
  const around = await of(api.getStatusContext(status.id))
  expect(around.descendants.some((each) => each.id === answer.id), 'the answer is not below')
})
await step('marks, and who made them', async () => {
  const { id } = await of(other.postStatus('À marquer'))
  expect((await of(api.favouriteStatus(id))).favourited && (await of(api.bookmarkStatus(id))).bookmarked, 'not marked')
  expect((await of(api.reblogStatus(id))).reblog.id === id, 'not around the status')
  expect((await of(api.getStatusFavouritedBy(id)))[0].id === me.id, 'not by me')
  expect((await of(api.getStatusRebloggedBy(id)))[0].id === me.id, 'not by me')
  expect((await of(api.getBookmarks())).some((each) => each.id === id), 'not in my bookmarks')
  expect((await of(api.getFavourites())).some((each) => each.id === id), 'not in my favourites')
  await of(api.unreblogStatus(id))
  await of(api.unbookmarkStatus(id))
  await of(api.unfavouriteStatus(id))
  await of(api.pinStatus(status.id))
  await of(api.unpinStatus(status.id))
  expect((await of(api.muteStatus(status.id))).muted, 'the conversation is not muted')
  await of(api.unmuteStatus(status.id))
})
await step('a poll, voted in', async () => {
  const made = await of(api.postStatus('Quand ?', { poll: { options: ['samedi', 'dimanche'], expires_in: 3600 } }))
  const voted = await of(other.votePoll(made.poll.id, [1]))
  expect(voted.votes_count === 1 && voted.voted, JSON.stringify(voted))
  expect((await of(api.getPoll(made.poll.id))).options[1].votes_count === 1, 'the vote is not counted')
})
await step('a status for later, given another time, and none', async () => {
  const at = (hours) => new Date(Date.now() + hours * 3600_000).toISOString()
  const later = await of(api.postStatus('Plus tard', { scheduled_at: at(1) }))
  expect((await of(api.getScheduledStatuses())).some((each) => each.id === later.id), 'not kept')
  await of(api.scheduleStatus(later.id, at(2)))
  await of(api.cancelScheduledStatus(later.id))
})
await step('people: found, followed, muted, blocked, noted', async () => {
  expect((await of(api.lookupAccount('mairie'))).id === them.id, 'not found')
  expect((await of(api.searchAccount('mairie')))[0].id === them.id, 'not found by its name')
  expect((await of(api.followAccount(them.id))).following, 'not followed')
  expect((await of(api.getRelationship(them.id))).following, 'no relationship')
  expect((await of(api.getRelationships([them.id])))[0].following, 'no relationships')
  expect((await of(api.getAccountFollowing(me.id))).some((each) => each.id === them.id), 'not in my list')
  expect((await of(api.getAccountFollowers(them.id))).some((each) => each.id === me.id), 'not in their list')
  expect((await of(api.setAccountNote(them.id, 'la mairie'))).id === them.id, 'no relationship') // 10.0.5 does not send the note
  expect((await of(api.muteAccount(them.id, true))).muting && (await of(api.getMutes()))[0].id === them.id, 'not muted')
  await of(api.unmuteAccount(them.id))
  expect((await of(api.blockAccount(them.id))).blocking && (await of(api.getBlocks()))[0].id === them.id, 'not blocked')
  await of(api.unblockAccount(them.id))
  await of(api.followAccount(them.id))
  expect((await of(api.pinAccount(them.id))).endorsed, 'not recommended')
  await of(api.unpinAccount(them.id))
  await of(api.blockDomain('spam.example'))
  expect((await of(api.getDomainBlocks())).includes('spam.example'), 'the server is not blocked')
  await of(api.unblockDomain('spam.example'))
  await of(api.getSuggestions())
})
await step('timelines, page by page', async () => {
  for (const word of ['un', 'deux', 'trois']) await of(other.postStatus(`Annonce ${word} #annonce`))
  const first = await of(api.getHomeTimeline({ limit: 2 }))
  const second = await of(api.getHomeTimeline({ limit: 2, max_id: first[1].id }))
  expect(first[0].content.includes('trois') && second[0].content.includes('un'), 'another order')
  expect((await of(api.getTagTimeline('annonce'))).length === 3, 'not under the hashtag')
  expect((await of(api.getLocalTimeline())).length > 0 && (await of(api.getPublicTimeline())).length > 0, 'empty')
  expect((await of(api.getAccountStatuses(them.id, { limit: 2 }))).length === 2, 'not on the account')
  await of(api.getConversationTimeline())
})
await step('lists, filters, hashtags', async () => {
  const list = await of(api.createList('Voisins'))
  await of(api.updateList(list.id, 'Nos voisins'))
  await of(api.addAccountsToList(list.id, [them.id]))
  expect((await of(api.getAccountsInList(list.id)))[0].id === them.id, 'not in the list')
  expect((await of(api.getListTimeline(list.id))).length > 0, 'the list is empty')
  await of(api.deleteAccountsFromList(list.id, [them.id]))
  await of(api.deleteList(list.id))
  const filter = await of(api.createFilter('gâteau', ['home']))
  await of(api.updateFilter(filter.id, 'gâteaux', ['home', 'public']))
  expect((await of(api.getFilters()))[0].phrase === 'gâteaux', 'not kept')
  await of(api.deleteFilter(filter.id))
  expect((await of(api.followTag('annonce'))).following, 'the hashtag is not followed')
  expect((await of(api.getFollowedTags())).some((each) => each.name === 'annonce'), 'not among the followed')
  await of(api.unfollowTag('annonce'))
  const featured = await of(api.createFeaturedTag('annonce'))
  await of(api.getFeaturedTags())
  await of(api.deleteFeaturedTag(featured.id))
})
await step('search', async () => {
  const found = await of(api.search('mairie', { type: 'accounts' }))
  expect(found.accounts.some((each) => each.id === them.id), 'no account')
})
await step('notifications and markers', async () => {
  await of(api.dismissNotifications())
  await of(other.favouriteStatus(status.id))
  const told = await until('the favourite', async () => (await of(api.getNotifications())).find((each) => each.type === 'favourite'))
  expect(told.account.id === them.id && told.status.id === status.id, JSON.stringify(told))
  expect((await of(api.getNotification(told.id))).id === told.id, 'not found by its id')
  await of(api.saveMarkers({ notifications: { last_read_id: told.id } }))
  expect((await of(api.getMarkers(['notifications']))).notifications.last_read_id === told.id, 'no marker')
  await of(api.dismissNotification(told.id))
})
await step('a report', async () => {
  const filed = await of(api.report(them.id, { comment: 'un essai', status_ids: [] }))
  expect(filed.id, JSON.stringify(filed))
})
await step('the profile', async () => {
  const changed = await of(api.updateCredentials({ display_name: 'Camille (megalodon)', source: { language: 'fr' } }))
  expect(changed.display_name === 'Camille (megalodon)' && changed.source.language === 'fr', JSON.stringify(changed))
  await of(api.updateCredentials({ display_name: 'Camille' }))
})
await step('streams: a status and a notification, a hashtag, the local timeline', async () => {
  const heard = []
  const streams = {
    user: await api.userStreaming(), tag: await api.tagStreaming('direct'), local: await api.localStreaming(),
  }
  for (const [name, stream] of Object.entries(streams)) {
    for (const event of ['update', 'notification', 'delete', 'error', 'parser-error']) {
      stream.on(event, (what) => heard.push({ name, event, what }))
    }
  }
  // They connect by themselves, and nothing says when: what is said too early is not heard.
  const sign = await until('the status on each', async () => {
    const made = await of(other.postStatus('Entends-tu, @camille ? #direct'))
    await pause(500)
    const on = (name) => heard.some((each) => each.name === name && each.event === 'update' && each.what.id === made.id)
    return ['user', 'tag', 'local'].every(on) ? made : null
  })
  await until('the notification', () => heard.some((each) => each.event === 'notification' && each.what.type === 'mention'))
  await of(other.deleteStatus(sign.id))
  await until('the deletion', () => heard.some((each) => each.event === 'delete' && each.what === sign.id))
  expect(!heard.some((each) => each.event.endsWith('error')), JSON.stringify(heard.filter((each) => each.event.endsWith('error'))))
  for (const stream of Object.values(streams)) stream.stop()
})
await step('a deletion', async () => {
  await of(api.deleteStatus(status.id))
  const refused = await api.getStatus(status.id).catch((error) => error)
  expect(refused.response?.status === 404 && refused.response.data.error === 'Record not found', `${refused}`)
})
over()
