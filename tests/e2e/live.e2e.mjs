// Changes made through the API arrive in an open page without a reload.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { adminToken, api, launch, visit, waitForMap } from './browser.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser?.close())

const resource = (id) => `/api/resources/${encodeURIComponent(id)}`

async function patch(id, body, token) {
  const { etag } = await api(resource(id), { token })
  return api(resource(id), { method: 'PATCH', token, headers: { 'if-match': etag }, body })
}

/** A page that is following the feed, marked so that a reload would show. */
async function following(page) {
  await page.waitForSelector('[data-testid="live-state"][data-state="live"]')
  await page.evaluate(() => {
    window.neverReloaded = true
  })
}

const stillTheSamePage = async (page) => assert.equal(await page.evaluate(() => window.neverReloaded), true, 'the page was reloaded')

test('a changed status arrives in the open drawer without a reload', async () => {
  const token = adminToken()
  const { json } = await api('/api/layers/shelter')
  const { id, status } = json.features.find((f) => f.properties.lifecycle === 'in_service').properties
  const next = status === 'preparing' ? 'open' : 'preparing'
  await visit(browser, `/command?id=${encodeURIComponent(id)}`, {}, async (page) => {
    await following(page)
    await page.getByTestId('detail').waitFor()
    try {
      await patch(id, { status: next }, token)
      await page.waitForSelector(`[data-testid="detail-status"][data-status="${next}"]`)
      await stillTheSamePage(page)
    } finally {
      await patch(id, { status: status ?? null }, token)
    }
  })
})

test('a new shelter appears on the map and a deleted one leaves it', async () => {
  const token = adminToken()
  const { json: meta } = await api('/api/meta')
  const [west, south, east, north] = meta.district.bbox
  const id = `e2e-${Date.now()}`
  const body = { kind: 'shelter', code: id, name: '端到端测试场所', lon: (west + east) / 2, lat: (south + north) / 2, level: 'village', synthetic: true }
  await visit(browser, '/command', {}, async (page) => {
    await following(page)
    const total = Object.values(meta.counts).reduce((a, b) => a + b, 0)
    await waitForMap(page, 'drawn', { is: total })
    const { etag } = await api(resource(id), { method: 'PUT', token, headers: { 'if-none-match': '*' }, body })
    try {
      await waitForMap(page, 'drawn', { is: total + 1 })
    } finally {
      await api(resource(id), { method: 'DELETE', token, headers: { 'if-match': etag ?? (await api(resource(id), { token })).etag } })
    }
    await waitForMap(page, 'drawn', { is: total })
    await stillTheSamePage(page)
  })
})

/** Lets the test cut the live feed and keep it down, as a field network does. Runs in the page. */
function breakableFeed() {
  const real = window.fetch
  let cut = new AbortController()
  window.feed = { down: false, cut: () => cut.abort() }
  window.fetch = (address, init = {}) => {
    if (!String(address).startsWith('/api/live')) return real(address, init)
    if (window.feed.down) return Promise.reject(new TypeError('the network is down'))
    cut = new AbortController()
    return real(address, { ...init, signal: AbortSignal.any([init.signal, cut.signal]) })
  }
}

test('after a break the page says so, reconnects and catches up on what it missed', async () => {
  const token = adminToken()
  const { json } = await api('/api/layers/shelter')
  const { id, status } = json.features.find((f) => f.properties.lifecycle === 'in_service').properties
  const next = status === 'preparing' ? 'open' : 'preparing'
  await visit(browser, `/command?id=${encodeURIComponent(id)}`, { before: (page) => page.addInitScript(breakableFeed) }, async (page) => {
    await following(page)
    await page.getByTestId('detail').waitFor()
    await page.evaluate(() => {
      window.feed.down = true
      window.feed.cut()
    })
    await page.waitForSelector('[data-testid="live-state"][data-state="broken"]')
    try {
      await patch(id, { status: next }, token)
      assert.equal(await page.locator(`[data-testid="detail-status"][data-status="${next}"]`).count(), 0)
      await page.evaluate(() => {
        window.feed.down = false
      })
      await page.waitForSelector(`[data-testid="detail-status"][data-status="${next}"]`)
      await page.waitForSelector('[data-testid="live-state"][data-state="live"]')
      await stillTheSamePage(page)
    } finally {
      await patch(id, { status: status ?? null }, token)
    }
  })
})
