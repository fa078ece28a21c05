// The data desk at `/data`, sign-in, and a citizen's report, from the form to its answer.
//
// What a test changes it puts back: the other tests count what is there.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { adminToken, api, DESK, launch, PHONE, positionWhere, visit, waitForMap } from './browser.mjs'
import { workbook } from './workbook.mjs'

const PASSWORD = 'correct horse battery staple'
const STAMP = Date.now().toString(36)
/** What the browser says on its console when the server refuses something, which is what these tests are about. */
const REFUSED = [/status of 4\d\d/]

let browser
let token
before(async () => {
  browser = await launch()
  token = adminToken()
})
after(() => browser?.close())

/** Makes an account with a password and returns its name. */
async function account(role, scope = null) {
  const name = `${role}-${STAMP}-${Math.random().toString(36).slice(2, 8)}`
  await api('/api/accounts', { method: 'POST', token, body: { name, display_name: `演示${role}`, role, scope, password: PASSWORD } })
  return name
}

async function signIn(page, name, password = PASSWORD) {
  await page.getByTestId('name').fill(name)
  await page.getByTestId('password').fill(password)
  await page.getByTestId('submit-password').click()
}

const resource = (id) => `/api/resources/${encodeURIComponent(id)}`
const read = async (id) => (await api(resource(id), { token })).json
const readWithTag = (id) => api(resource(id), { token })

async function patch(id, body) {
  const { etag } = await readWithTag(id)
  return api(resource(id), { method: 'PATCH', token, headers: { 'if-match': etag }, body })
}

/** Records of all shelters, as staff see them. */
async function shelters() {
  const { json } = await api('/ogc/collections/shelters/items?limit=1000', { token })
  return json.features.map((f) => ({ ...f.properties, isPoint: f.geometry.type === 'Point' }))
}

/** A shelter that is a plain point in service, in the division asked for. */
async function pointShelter(fits = () => true) {
  const found = (await shelters()).find((s) => s.isPoint && s.lifecycle === 'in_service' && s.visibility === 'public' && s.division && fits(s))
  assert.ok(found, 'the demo district has no such shelter')
  return found
}

const near = (a, b, tolerance = 1e-6) => assert.ok(Math.abs(a - b) < tolerance, `${a} is not ${b}`)

test('a wrong password is refused in words, the right one opens the desk, and signing out closes it', async () => {
  const name = await account('steward')
  await visit(browser, '/data', { allow: REFUSED }, async (page) => {
    await page.getByTestId('gate').waitFor()
    await signIn(page, name, 'not the password at all')
    await page.getByText('名字或密码不对').waitFor()
    await signIn(page, name)
    await page.getByTestId('table-row').first().waitFor()
    await page.reload()
    await page.getByTestId('table-row').first().waitFor()
    assert.equal(await page.evaluate(() => document.cookie), '', 'a script can read the session')
    await page.getByTestId('sign-out').click()
    await page.getByTestId('gate').waitFor()
  })
})

test('an invitation is taken up once', async () => {
  const name = `invited-${STAMP}`
  const { json } = await api('/api/accounts', { method: 'POST', token, body: { name, display_name: '受邀人', role: 'reporter', scope: null } })
  await visit(browser, json.invite.link, { viewport: PHONE }, async (page) => {
    await page.getByTestId('setup-password').fill(PASSWORD)
    await page.getByTestId('setup-repeat').fill(PASSWORD)
    await page.getByTestId('setup-submit').click()
    await page.getByTestId('table-card').first().waitFor()
  })
  await visit(browser, json.invite.link, { viewport: PHONE, allow: REFUSED }, async (page) => {
    await page.getByTestId('setup-failed').waitFor()
  })
})

test('a section that a role may not enter names the missing right', async () => {
  const name = await account('reporter')
  await visit(browser, '/data/feeds', {}, async (page) => {
    await signIn(page, name)
    const gate = page.getByTestId('no-right')
    await gate.waitFor()
    assert.equal(await gate.getAttribute('data-right'), 'keep_feeds')
    assert.match(await gate.innerText(), /管理自动更新源/)
  })
})

test('a workbook with three bad rows goes from the wizard to the map, and is taken back in one act', async () => {
  const name = await account('steward')
  const anchor = await pointShelter()
  const code = (i) => `E2E-${STAMP}-${i}`
  const good = Array.from({ length: 6 }, (_, i) => [`端到端避难点${STAMP}${i}`, code(i), anchor.division, anchor.lon + 0.0004 * (i + 1), anchor.lat + 0.0003, 100 + i, '新建'])
  const bad = [
    [`坏行一${STAMP}`, code('a'), anchor.division, 421.3, anchor.lat, 10, ''],
    [`坏行二${STAMP}`, code('b'), anchor.division, anchor.lon, anchor.lat, '许多', ''],
    ['', code('c'), anchor.division, anchor.lon, anchor.lat, 10, ''],
  ]
  const bytes = workbook([['场所名称', '编码', '所属街镇', '经度', '纬度', '容纳人数', '填报说明栏'], ...good, ...bad])
  await visit(browser, '/data/import', { viewport: DESK, acceptDownloads: true }, async (page) => {
    await signIn(page, name)
    await page.getByTestId('file').setInputFiles({ name: `普查${STAMP}.xlsx`, mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: bytes })
    const column = (header) => page.locator(`[data-testid="column"][data-header="${header}"]`).getByRole('combobox')
    await column('经度').waitFor()
    assert.equal(await column('经度').inputValue(), 'lon')
    assert.equal(await column('填报说明栏').inputValue(), '')
    await column('填报说明栏').selectOption('remarks')
    await page.getByTestId('to-datum').click()
    await page.getByTestId('datum-wgs84').check()
    await page.getByTestId('to-preview').click()

    await page.getByTestId('class-refused').waitFor()
    const counted = async (what) => Number(await page.getByTestId(`class-${what}`).getAttribute('data-count'))
    assert.deepEqual([await counted('new'), await counted('refused'), await counted('all')], [6, 3, 9])
    const rows = page.getByTestId('preview-row')
    await rows.first().waitFor()
    assert.deepEqual(await rows.evaluateAll((all) => all.map((row) => row.dataset.row)), ['8', '9', '10'])
    assert.match(await rows.first().innerText(), /经度/)
    await page.waitForSelector('[data-testid="shift-map"][data-drawn="6"]')

    const download = page.waitForEvent('download')
    await page.getByTestId('annotated').click()
    assert.ok((await readFile(await (await download).path())).length > bytes.length / 2)

    assert.equal(await page.getByTestId('commit').isDisabled(), true, 'refused rows do not stop the commit')
    await page.getByTestId('leave-out').check()
    await page.getByTestId('commit').click()
    await page.getByTestId('committed').waitFor()
    const there = (await shelters()).filter((s) => s.code?.startsWith(`E2E-${STAMP}-`))
    assert.equal(there.length, 6)
    assert.equal(there.find((s) => s.code === code(0)).remarks, '新建')

    const { json: meta } = await api('/api/meta', { token })
    await page.getByTestId('to-map').click()
    await waitForMap(page, 'drawn', { is: Object.values(meta.counts).reduce((total, n) => total + n, 0) })
    await page.keyboard.press('/')
    await page.keyboard.type(`端到端避难点${STAMP}0`)
    await page.getByTestId('suggestion').first().waitFor()
    await page.goBack()
    await page.getByTestId('import').waitFor()

    await page.goto(new URL('/data/log', page.url()).href)
    await page.getByTestId('batch').first().click()
    await page.getByTestId('undo-batch').click()
    await page.getByTestId('undo-confirm').click()
    await page.getByTestId('batch-undone').waitFor()
    assert.equal((await shelters()).filter((s) => s.code?.startsWith(`E2E-${STAMP}-`)).length, 0)
  })
})

test('ten files go through the wizard one after another, and a refusal is told on the page', async () => {
  const name = await account('steward')
  const anchor = await pointShelter()
  const code = (i) => `TEN-${STAMP}-${i}`
  const file = (i) => ({ name: `第${i}份.csv`, mimeType: 'text/csv', buffer: Buffer.from(`名称,编码,所属区划,经度,纬度\n十份之${STAMP}${i},${code(i)},${anchor.division},${anchor.lon + 0.0004 * i},${anchor.lat + 0.002}\n`) })
  const written = async () => (await shelters()).filter((s) => s.code?.startsWith(`TEN-${STAMP}-`))
  await visit(browser, '/data/import', { allow: REFUSED }, async (page) => {
    const at = (step) => page.waitForSelector(`[data-testid="import"][data-step="${step}"]`)
    await signIn(page, name)
    for (let i = 0; i < 10; i += 1) {
      await page.getByTestId('file').setInputFiles(file(i))
      await page.getByTestId('to-datum').click()
      await page.getByTestId('datum-wgs84').check()
      await page.getByTestId('to-preview').click()
      await page.getByTestId('commit').click()
      await page.getByTestId('committed').waitFor()
      await page.getByTestId('another').click()
    }
    assert.equal((await written()).length, 10)

    // Files that are not written go when one starts over, leaves the page, or loads it anew.
    const dropped = () => page.waitForResponse((answer) => answer.request().method() === 'DELETE' && answer.status() === 204)
    for (let i = 0; i < 9; i += 1) {
      await page.getByTestId('file').setInputFiles(file(i))
      await at('columns')
      await Promise.all([dropped(), page.getByTestId('step-file').click()])
    }
    await page.getByTestId('file').setInputFiles(file(0))
    await at('columns')
    await Promise.all([dropped(), page.locator('a[href="/data/me"]').first().click()])
    for (let i = 0; i < 9; i += 1) {
      await page.goto(new URL('/data/import', page.url()).href)
      await page.getByTestId('file').setInputFiles(file(i))
      await at('columns')
    }

    await page.goto(new URL('/data/import', page.url()).href)
    await page.getByTestId('file').setInputFiles({ name: '图.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7') })
    await page.getByTestId('failed').waitFor()
    await page.evaluate(async () => {
      const { csrf } = await (await fetch('/api/session')).json()
      for (let i = 0; i < 9; i += 1) {
        await fetch('/api/imports?name=a.csv', { method: 'POST', body: 'code,name\n', headers: { 'X-CSRF-Token': csrf, 'Content-Type': 'application/octet-stream' } })
      }
    })
    await page.getByTestId('file').setInputFiles(file(0))
    await page.getByTestId('failed').getByText('每人最多同时保留 8 个未写入的文件').waitFor()
    await at('file')
  })
  for (const { id } of await written()) {
    const { etag } = await readWithTag(id)
    await api(resource(id), { method: 'DELETE', token, headers: { 'if-match': etag } })
  }
})

test('a town editor sees in the preview which rows lie outside the town, before anything is written', async () => {
  const own = await pointShelter()
  const other = await pointShelter((s) => s.division.slice(0, 9) !== own.division.slice(0, 9))
  const name = await account('editor', `${own.division.slice(0, 9)}000`)
  const row = (s, i) => `街镇行${STAMP}${i},TOWN-${STAMP}-${i},${s.division},${s.lon + 0.0001 * i},${s.lat}`
  // The third claims the town and lies in another one.
  const lines = ['名称,编码,所属街镇,经度,纬度', row(own, 0), row(other, 1), row({ ...other, division: own.division }, 2)]
  await visit(browser, '/data/import', { allow: REFUSED }, async (page) => {
    await signIn(page, name)
    await page.getByTestId('file').setInputFiles({ name: '本镇.csv', mimeType: 'text/csv', buffer: Buffer.from(`${lines.join('\n')}\n`) })
    await page.getByTestId('to-datum').click()
    await page.getByTestId('datum-wgs84').check()
    await page.getByTestId('to-preview').click()
    await page.getByTestId('class-refused').waitFor()
    assert.equal(await page.getByTestId('class-refused').getAttribute('data-count'), '2')
    const refused = page.locator('[data-testid="preview-row"][data-class="refused"]')
    await refused.first().waitFor()
    assert.deepEqual(await refused.evaluateAll((all) => all.map((r) => r.dataset.row)), ['3', '4'])
    assert.match(await refused.nth(0).innerText(), /没有权限/)
    assert.match(await refused.nth(1).innerText(), /不在管辖范围/)
    assert.equal(await page.getByTestId('commit').isDisabled(), true)
    await page.getByTestId('leave-out').check()
    await page.getByTestId('commit').click()
    await page.getByTestId('committed').waitFor()
  })
  const there = (await shelters()).filter((s) => s.code?.startsWith(`TOWN-${STAMP}-`))
  assert.deepEqual(there.map((s) => s.code), [`TOWN-${STAMP}-0`])
  const { etag } = await readWithTag(there[0].id)
  await api(resource(there[0].id), { method: 'DELETE', token, headers: { 'if-match': etag } })
})

test('points of Amap declared as WGS84 are stopped, and the likely datum is one click away', async () => {
  const name = await account('steward')
  const some = (await shelters()).filter((s) => s.code && s.isPoint).slice(0, 60)
  const shifted = await Promise.all(some.map(async (s) => {
    const { json } = await api(`/api/nearest?lon=${s.lon}&lat=${s.lat}&k=1&kind=shelter&party=1&unknown=last`, { token })
    const at = json.results.find((r) => r.id === s.id)
    return at ? [s.name, s.code, ...at.positions.gcj02] : null
  }))
  const rows = shifted.filter(Boolean)
  assert.ok(rows.length >= 20, `only ${rows.length} shelters are their own nearest`)
  await visit(browser, '/data/import', {}, async (page) => {
    await signIn(page, name)
    await page.getByTestId('file').setInputFiles({ name: 'amap.xlsx', mimeType: 'application/octet-stream', buffer: workbook([['名称', '编码', '经度', '纬度'], ...rows]) })
    await page.getByTestId('to-datum').click()
    await page.getByTestId('datum-wgs84').check()
    await page.getByTestId('to-preview').click()
    const stop = page.getByTestId('datum-stop')
    await stop.waitFor()
    assert.equal(await stop.getAttribute('data-likely'), 'gcj02')
    assert.equal(await page.getByTestId('commit').isDisabled(), true)
    await page.getByTestId('use-likely').click()
    await stop.waitFor({ state: 'detached' })
    await page.getByTestId('class-all').waitFor()
    assert.equal(await page.getByTestId('class-all').getAttribute('data-count'), String(rows.length))
  })
})

test('a shelter is dragged on the map, and the move is taken back', async () => {
  const name = await account('steward')
  const shelter = await pointShelter()
  await visit(browser, `/data/tables/shelter?id=${encodeURIComponent(shelter.id)}`, { viewport: DESK }, async (page) => {
    await signIn(page, name)
    await page.getByTestId('tab-position').click()
    await page.waitForSelector('[data-testid="pin-map"][data-ready]')
    await page.getByTestId('pin').waitFor()
    const box = await page.getByTestId('pin').boundingBox()
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + 40, y - 25, { steps: 8 })
    await page.mouse.up()
    await page.getByTestId('moved').waitFor()
    assert.equal((await read(shelter.id)).lon, shelter.lon, 'moved before it was confirmed')
    await page.getByTestId('confirm-move').click()
    await page.getByTestId('move-saved').waitFor()
    const moved = await read(shelter.id)
    assert.ok(moved.lon > shelter.lon && moved.lat > shelter.lat, 'it did not move north-east')
    await page.getByTestId('undo-move').click()
    await page.getByTestId('move-undone').waitFor()
    const back = await read(shelter.id)
    near(back.lon, shelter.lon)
    near(back.lat, shelter.lat)
    await page.getByTestId('tab-history').click()
    await page.getByTestId('entry').nth(1).waitFor()
  })
})

test('a citizen reports a wrong pin, staff move it, and the citizen reads the answer', async () => {
  const name = await account('steward')
  const { lon, lat, answer } = await positionWhere('', (a) => a.results.length > 0)
  const place = answer.results[0]
  const stored = await read(place.id)
  let receipt = ''
  await visit(browser, `/?at=${lon},${lat}&all=1`, { viewport: PHONE }, async (page) => {
    await page.getByTestId('report-error').first().click()
    await page.getByTestId('fault-moved').check()
    await page.getByTestId('report-message').fill('大门在南侧')
    await page.getByTestId('report-point').click()
    await page.waitForSelector('[data-testid="pin-map"][data-ready]')
    const box = await page.getByTestId('pin-map').boundingBox()
    await page.mouse.click(box.x + box.width * 0.35, box.y + box.height * 0.6)
    await page.getByTestId('pin').waitFor()
    await page.getByTestId('report-photo').setInputFiles({ name: 'gate.png', mimeType: 'image/png', buffer: await page.screenshot() })
    await page.getByTestId('report-photo-shown').waitFor()
    await page.getByTestId('report-send').click()
    receipt = (await page.getByTestId('receipt').innerText()).trim()
    assert.match(receipt, /^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/)
  })
  near((await read(place.id)).lon, stored.lon)

  await visit(browser, `/data/inbox/${receipt}`, { viewport: DESK }, async (page) => {
    await signIn(page, name)
    const panel = page.getByTestId('report-panel')
    await panel.waitFor()
    assert.match(await panel.innerText(), /大门在南侧/)
    await page.getByTestId('apart').waitFor()
    await panel.locator('img').waitFor()
    await page.getByTestId('reply').fill('已到现场核实，位置已更正。谢谢。')
    await page.getByTestId('accept').click()
    await page.waitForSelector('[data-testid="report-panel"][data-state="accepted"]')
  })
  const moved = await read(place.id)
  assert.ok(Math.abs(moved.lon - stored.lon) + Math.abs(moved.lat - stored.lat) > 1e-5, 'the pin did not move')

  await visit(browser, '/receipt', { viewport: PHONE }, async (page) => {
    await page.getByTestId('receipt-number').fill(receipt.toLowerCase().replaceAll('-', ' '))
    await page.getByTestId('receipt-ask').click()
    await page.waitForSelector('[data-testid="receipt-found"][data-state="accepted"]')
    assert.match(await page.getByTestId('receipt-reply').innerText(), /位置已更正/)
  })
  await patch(place.id, { lon: stored.lon, lat: stored.lat, ...(stored.geometry ? { geometry: stored.geometry } : {}) })
})

test('a town editor works in the town and is refused outside of it', async () => {
  const own = await pointShelter()
  const other = await pointShelter((s) => s.division.slice(0, 9) !== own.division.slice(0, 9))
  const name = await account('editor', `${own.division.slice(0, 9)}000`)
  const next = (s) => (s.status === 'preparing' ? 'closed' : 'preparing')
  await visit(browser, `/data/site/${encodeURIComponent(other.id)}`, { viewport: PHONE, allow: REFUSED }, async (page) => {
    await signIn(page, name)
    await page.getByTestId(`site-status-${next(other)}`).click()
    const trouble = page.getByTestId('trouble')
    await trouble.waitFor()
    assert.match(await trouble.innerText(), /修改本辖区以外的数据/)
    assert.equal((await read(other.id)).status, other.status)

    await page.goto(new URL(`/data/site/${encodeURIComponent(own.id)}`, page.url()).href)
    await page.getByTestId(`site-status-${next(own)}`).click()
    await page.waitForSelector(`[data-testid="site-status-${next(own)}"][aria-pressed="true"]`)
    assert.equal((await read(own.id)).status, next(own))
  })
  await patch(own.id, { status: own.status })
})

test('an officer at the site confirms, counts people, and corrects the position by the device', async () => {
  const shelter = await pointShelter((s) => typeof s.capacity === 'number' && s.capacity > 20)
  const name = await account('steward')
  const at = { longitude: shelter.lon + 0.0004, latitude: shelter.lat + 0.0002, accuracy: 8 }
  await visit(browser, `/data/site/${encodeURIComponent(shelter.id)}`, { viewport: PHONE, permissions: ['geolocation'], geolocation: at }, async (page) => {
    await signIn(page, name)
    await page.getByTestId('site-confirm').click()
    await page.getByTestId('site-confirmed').waitFor()
    assert.ok(Date.now() - Date.parse((await read(shelter.id)).observed_at) < 120_000, 'the confirmation left no time')
    await page.getByTestId('site-occupied').fill('12')
    await page.getByTestId('site-occupied-save').click()
    await page.waitForFunction(() => document.body.innerText.includes('已保存'))
    assert.equal((await read(shelter.id)).occupied, 12)
    await page.getByTestId('site-gps').click()
    await page.getByTestId('moved').waitFor()
    await page.getByTestId('confirm-move').click()
    await page.getByTestId('move-saved').waitFor()
    near((await read(shelter.id)).lon, at.longitude)
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth))
  })
  await patch(shelter.id, { lon: shelter.lon, lat: shelter.lat, occupied: shelter.occupied })
})

test('an edit that somebody else overtook shows both values and lets one choose', async () => {
  const shelter = await pointShelter((s) => typeof s.capacity === 'number')
  const name = await account('steward')
  await visit(browser, '/data/tables/shelter', { allow: REFUSED }, async (page) => {
    await signIn(page, name)
    await page.getByTestId('filter-q').fill(shelter.code ?? shelter.name)
    const cell = page.locator(`[data-testid="table-row"][data-id="${shelter.id}"] [data-field="capacity"]`)
    await cell.waitFor()
    await patch(shelter.id, { capacity: shelter.capacity + 1 })
    await cell.dblclick()
    await page.getByTestId('cell-input').fill(String(shelter.capacity + 5))
    await page.keyboard.press('Enter')
    const trouble = page.getByTestId('trouble')
    await trouble.waitFor()
    assert.equal(await trouble.getAttribute('data-kind'), 'conflict')
    const text = (await trouble.innerText()).replaceAll(',', '')
    assert.ok(text.includes(String(shelter.capacity + 5)) && text.includes(String(shelter.capacity + 1)), text)
    await page.getByTestId('conflict-mine').click()
    await cell.getByText((shelter.capacity + 5).toLocaleString('en-US'), { exact: true }).waitFor()
    assert.equal((await read(shelter.id)).capacity, shelter.capacity + 5)
  })
  await patch(shelter.id, { capacity: shelter.capacity })
})

test('nothing on the desk is wider than the phone, in either language', async () => {
  const name = await account('admin')
  await visit(browser, '/data/tables', { viewport: PHONE }, async (page) => {
    await signIn(page, name)
    await page.getByTestId('table-card').first().waitFor()
    for (const lang of ['zh', 'en']) {
      for (const section of ['tables', 'import', 'inbox', 'freshness', 'feeds', 'log', 'accounts', 'me']) {
        await page.goto(new URL(`/data/${section}?lang=${lang}`, page.url()).href)
        await page.getByTestId(section === 'me' ? 'password-new' : section).waitFor()
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${section} in ${lang}`)
      }
    }
  })
})
