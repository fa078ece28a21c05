// Opens pages in a real Chromium for the end-to-end tests.
//
// Needs a running server: BIHU_URL (http://127.0.0.1:8080 by default) with the demo data, and BIHU_TOKEN, an admin
// token. Chromium is taken from BIHU_BROWSER (/usr/bin/chromium by default), playwright-core from web-map/node_modules.
// Invariant: a page that asks another host, logs an error or throws makes its test fail, whatever the test is about.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'

const require = createRequire(new URL('../../web-map/package.json', import.meta.url))
const { chromium } = require('playwright-core')

export const BASE = (process.env.BIHU_URL ?? 'http://127.0.0.1:8080').replace(/\/$/, '')
export const PHONE = { width: 390, height: 844 }
export const DESK = { width: 1440, height: 900 }
export const WAIT_MS = 30_000

/** Graphics drivers talk on the console of a headless browser; that is not the page's doing. */
const NOT_OURS = /GL Driver Message|GPU stall|WebGL.*(performance|software)|ReadPixels/i

/** Starts one Chromium for a test file. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.BIHU_BROWSER ?? '/usr/bin/chromium',
    chromiumSandbox: false,
    args: ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-background-networking', '--disable-component-update', '--no-first-run', '--disable-sync'],
  })
}

/** Opens a page, hands it to `use`, then checks that it stayed at home and complained of nothing. */
export async function visit(browser, path, options, use) {
  const { viewport = DESK, allow = [], before = async () => {}, ...rest } = options
  const context = await browser.newContext({ viewport, locale: 'zh-CN', timezoneId: 'UTC', ...rest })
  const complaints = []
  const strangers = []
  context.on('request', (request) => {
    const url = new URL(request.url())
    if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== BASE) strangers.push(request.url())
  })
  try {
    const page = await context.newPage()
    page.setDefaultTimeout(WAIT_MS)
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      const text = message.text()
      if (message.type() === 'error' && !NOT_OURS.test(text) && !allow.some((pattern) => pattern.test(text))) complaints.push(text)
    })
    await before(page)
    await page.goto(BASE + path)
    await use(page)
  } finally {
    await context.close()
  }
  assert.deepEqual(strangers, [], 'the page asked another host')
  assert.deepEqual(complaints, [], 'the page logged errors')
}

/** Asks the API and returns the JSON; fails on anything but 2xx. */
export async function api(path, { method = 'GET', headers = {}, body, token } = {}) {
  const response = await fetch(BASE + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  assert.ok(response.ok, `${method} ${path} answered ${response.status}: ${text.slice(0, 400)}`)
  return { json: text ? JSON.parse(text) : null, etag: response.headers.get('etag') }
}

/** The admin token; without one the tests that write fail, they are not skipped. */
export function adminToken() {
  const token = process.env.BIHU_TOKEN
  assert.ok(token, 'BIHU_TOKEN is not set: `bihu token create --role admin --store URL` prints one')
  return token
}

/** Returns a position in the district, and the answer, for which `fits(answer)` holds. */
export async function positionWhere(query, fits) {
  const { json: meta } = await api('/api/meta')
  const [west, south, east, north] = meta.district.bbox
  for (let i = 1; i < 12; i += 1) {
    for (let j = 1; j < 12; j += 1) {
      const lon = Number((west + ((east - west) * i) / 12).toFixed(6))
      const lat = Number((south + ((north - south) * j) / 12).toFixed(6))
      const { json: answer } = await api(`/api/nearest?lon=${lon}&lat=${lat}&k=5&kind=shelter&party=1&unknown=last&explain=true${query}`)
      if (fits(answer)) return { lon, lat, answer }
    }
  }
  throw new Error(`no position in the district gives an answer that fits (query ${query})`)
}

/** Waits until a number that the map writes on its container is as wanted: `{ is: n }` or `{ above: n }`. */
export function waitForMap(page, name, { is, above }) {
  return page.waitForFunction(
    ([attribute, exactly, least]) => {
      const value = Number(document.querySelector('[data-testid="map"]')?.dataset[attribute] ?? NaN)
      return exactly === null ? value > least : value === exactly
    },
    [name, is ?? null, above ?? null],
    { timeout: WAIT_MS },
  )
}
