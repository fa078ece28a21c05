// Records made, changed and removed by hand in the tables of the data desk, each deed taken back again.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { adminToken, api, launch, PHONE, visit } from './browser.mjs'

const STAMP = Date.now().toString(36).toUpperCase()
/** What the browser says on its console when the server refuses something, which is what these tests are about. */
const REFUSED = [/status of 4\d\d/]

let browser
let token
before(async () => {
  browser = await launch()
  token = adminToken()
})
after(() => browser?.close())

const signedIn = (as = token) => (page) => page.addInitScript((t) => sessionStorage.setItem('bihu.token', t), as)
const read = async (id) => (await api(`/api/resources/${id}`, { token })).json
const isThere = async (id) => (await fetch(new URL(`/api/resources/${id}`, process.env.BIHU_URL ?? 'http://127.0.0.1:8080'), { headers: { authorization: `Bearer ${token}` } })).ok

/** Puts the pin in the middle of the small map, which shows the district. */
async function tapTheMiddle(page) {
  await page.waitForSelector('[data-testid="pin-map"][data-ready]')
  const map = page.getByTestId('pin-map')
  await map.scrollIntoViewIfNeeded()
  const { x, y, width, height } = await map.boundingBox()
  await page.mouse.click(x + width / 2, y + height / 2)
  await page.getByTestId('new-there').waitFor()
}

test('a warehouse is added by a tap on the map, what is wrong is told at its field, and it is taken back', async () => {
  const code = `E2E-${STAMP}-1`
  await visit(browser, '/data/tables/warehouse', { before: signedIn(), allow: REFUSED }, async (page) => {
    await page.getByTestId('add').click()
    await page.getByTestId('create-record').click()
    for (const field of ['name', 'lon', 'lat']) await page.getByTestId(`wrong-${field}`).waitFor()
    assert.match(await page.getByTestId('wrong-name').innerText(), /名称/)
    await page.getByTestId('new-name').fill(`端到端仓库${STAMP}`)
    await page.getByTestId('new-code').fill(code)
    await tapTheMiddle(page)
    await page.getByTestId('add-line-stock').click()
    const line = page.getByTestId('edit-lines-stock').getByTestId('line')
    await line.locator('[data-part="name"]').fill('帐篷')
    await line.locator('[data-part="quantity"]').fill('-3')
    await page.getByTestId('create-record').click()
    await line.getByRole('alert').waitFor()
    await line.locator('[data-part="quantity"]').fill('40')
    await page.getByTestId('create-record').click()
    await page.locator('[data-testid="done-note"][data-what="added"]').waitFor()
    const made = await read(`warehouse-${code}`)
    assert.equal(made.stock[0].quantity, 40)
    assert.match(made.division, /^310117/, 'the division does not go by the position')
    await page.getByTestId('undo-done').click()
    await page.locator('[data-testid="done-note"][data-what="undone"]').waitFor()
    assert.equal(await isThere(made.id), false)
  })
})

test('on a phone a team is added where the device is, out of service with a reason, removed, and brought back', async () => {
  const code = `E2E-${STAMP}-2`
  const id = `team-${code}`
  const here = { longitude: 121.2215, latitude: 31.0325, accuracy: 8 }
  await visit(browser, '/data/tables/team?add', { viewport: PHONE, before: signedIn(), allow: REFUSED, permissions: ['geolocation'], geolocation: here }, async (page) => {
    await page.getByTestId('new-name').fill(`端到端队伍${STAMP}`)
    await page.getByTestId('new-code').fill(code)
    await page.getByTestId('new-gps').click()
    await page.getByTestId('new-there').waitFor()
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth))
    await page.getByTestId('create-record').click()
    await page.locator('[data-testid="done-note"][data-what="added"]').waitFor()
    assert.ok(Math.abs((await read(id)).lon - here.longitude) < 1e-6)
    const open = () => page.goto(new URL(`/data/tables/team?id=${id}`, page.url()).href)
    await open()
    await page.getByTestId('begin-remove').click()
    await page.getByTestId('remove-yes').click()
    assert.equal((await read(id)).lifecycle, 'in_service', 'it was done without a reason')
    await page.getByTestId('remove-reason').fill('端到端测试：撤队')
    await page.getByTestId('remove-yes').click()
    await page.locator('[data-testid="done-note"][data-what="suspended"]').waitFor()
    assert.equal((await read(id)).lifecycle, 'suspended')
    await open()
    await page.getByTestId('begin-remove').click()
    await page.getByTestId('way-delete').check()
    await page.getByTestId('remove-reason').fill('端到端测试：重复登记')
    await page.getByTestId('remove-yes').click()
    await page.locator('[data-testid="done-note"][data-what="removed"]').waitFor()
    assert.equal(await isThere(id), false)
    const { json } = await api(`/api/history?resource=${id}`, { token })
    assert.equal(json.entries[0].reason, '端到端测试：重复登记')
    await page.getByTestId('undo-done').click()
    await page.locator('[data-testid="done-note"][data-what="undone"]').waitFor()
    assert.equal((await read(id)).lifecycle, 'suspended')
  })
  const { etag } = await api(`/api/resources/${id}`, { token })
  await api(`/api/resources/${id}`, { method: 'DELETE', token, headers: { 'if-match': etag } })
})

test('stock and contacts are edited line by line, and only by who may edit resources', async () => {
  const { json } = await api('/ogc/collections/warehouses/items?limit=1', { token })
  const { id } = json.features[0].properties
  const before = await read(id)
  const { json: reporter } = await api('/api/tokens', { method: 'POST', token, body: { name: `e2e-${STAMP}`, role: 'reporter', scope: null, expires_in_days: 1 } })
  await visit(browser, `/data/tables/warehouse?id=${id}`, { before: signedIn() }, async (page) => {
    await page.getByTestId('begin-contacts').click()
    await page.getByTestId('add-line-contacts').click()
    const line = page.getByTestId('edit-lines-contacts').getByTestId('line').last()
    await line.locator('[data-part="name"]').fill('端到端值班')
    await line.locator('[data-part="phone"]').fill('021-00000000')
    await page.getByTestId('save-contacts').click()
    await page.getByTestId('lines-contacts').getByText('021-00000000').waitFor()
    assert.equal((await read(id)).contacts.at(-1).name, '端到端值班')
  })
  await visit(browser, `/data/tables/warehouse?id=${id}`, { before: signedIn(reporter.token) }, async (page) => {
    await page.getByTestId('lines-contacts').getByText('021-00000000').waitFor()
    assert.equal(await page.getByTestId('begin-contacts').count(), 0)
    assert.equal(await page.getByTestId('add').count(), 0)
    assert.equal(await page.getByTestId('begin-remove').count(), 0)
  })
  const { etag } = await api(`/api/resources/${id}`, { token })
  await api(`/api/resources/${id}`, { method: 'PATCH', token, headers: { 'if-match': etag }, body: { contacts: before.contacts } })
})

test('a closed road is drawn on the small map of the desk too', async () => {
  const { json: meta } = await api('/api/meta')
  const [west, south, east, north] = meta.district.bbox
  const [lon, lat] = [(west + east) / 2, (south + north) / 2]
  const ring = [[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]].map(([i, j]) => [lon + i * 0.01, lat + j * 0.01])
  const { json } = await api('/api/closures', { method: 'POST', token, body: { type: 'Feature', geometry: { type: 'Polygon', coordinates: [ring] }, properties: { cause: 'works', reason: '端到端测试：施工' } } })
  await visit(browser, '/data/tables/site?add', { before: signedIn() }, async (page) => {
    await page.waitForSelector('[data-testid="pin-map"][data-closures]:not([data-closures="0"])')
    await page.getByTestId('closed-key').waitFor()
  })
  await api(`/api/closures/${json.id}`, { method: 'DELETE', token })
})
