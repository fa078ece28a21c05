// Roads: a route, a bridge that is closed by drawing, a second open page that follows, and the bridge opened again.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { adminToken, api, launch, positionWhere, visit, WAIT_MS } from './browser.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser?.close())

const signIn = (token) => (page) => page.addInitScript((t) => sessionStorage.setItem('bihu.token', t), token)
const routeOf = async (page) => ({ to: await page.getByTestId('route').getAttribute('data-to'), length: Number(await page.getByTestId('route').getAttribute('data-length')) })

test('how to travel is offered where there are roads, and minutes and metres are shown', async () => {
  const { lon, lat } = await positionWhere('&by=car', (answer) => answer.results.length > 0)
  await visit(browser, `/?at=${lon},${lat}&all=1`, { viewport: { width: 390, height: 844 } }, async (page) => {
    await page.getByTestId('by-car').click()
    await page.getByTestId('duration').first().waitFor()
    assert.match(new URL(page.url()).searchParams.get('by'), /car/)
    await page.getByTestId('show-route').first().click()
    await page.getByTestId('route-duration').waitFor()
    assert.ok((await routeOf(page)).length > 0)
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth))
  })
})

test('who chose nothing is told minutes on foot, and by straight line where no road comes near', async () => {
  const { lon, lat } = await positionWhere('&by=foot', (answer) => answer.results.length > 0)
  await visit(browser, `/?at=${lon},${lat}&all=1`, { viewport: { width: 390, height: 844 } }, async (page) => {
    await page.getByTestId('duration').first().waitFor()
    assert.equal(await page.getByTestId('by-foot').getAttribute('aria-pressed'), 'true')
    assert.equal(await page.getByTestId('off-roads').count(), 0)
  })
  const far = await positionWhere('&by=foot', (answer) => answer.road.origin === null)
  await visit(browser, `/?at=${far.lon},${far.lat}&all=1`, { viewport: { width: 390, height: 844 } }, async (page) => {
    await page.getByTestId('off-roads').waitFor()
    await page.getByTestId('place').first().waitFor()
    assert.equal(await page.getByTestId('duration').count(), 0)
    await page.getByTestId('by-foot').click()
    await page.getByTestId('shut-in').waitFor()
    assert.equal(await page.getByTestId('place').count(), 0)
  })
})

/** Draws an area around a position on the map, which stands still. */
async function drawAround(page, [lon, lat], half) {
  const map = page.getByTestId('map')
  const [west, south, east, north] = (await map.getAttribute('data-bounds')).split(' ').map(Number)
  const { x, y, width, height } = await map.boundingBox()
  const corner = ([dx, dy]) => [x + ((lon + dx * half - west) / (east - west)) * width, y + ((north - lat - dy * half) / (north - south)) * height]
  await page.getByTestId('draw-area').click()
  for (const at of [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(corner)) await page.mouse.click(...at)
  await page.keyboard.press('Enter')
}

test('a bridge found by its initials and closed by drawing changes the route in a second page at once, and lifting it brings the same route back', async () => {
  const token = adminToken()
  const crosses = (way) => way.steps.find((step) => step.name.endsWith('桥'))
  const ask = async (a, site) => (await api(`/api/route?from=${a.origin.lon},${a.origin.lat}&to=${site.lon},${site.lat}&by=car`)).json
  const { lon, lat, answer } = await positionWhere('&by=car', (a) => (a.results[0]?.length_m ?? 0) > 1500)
  const [site] = answer.results
  const way = await ask(answer, site)
  const bridge = crosses(way)
  assert.ok(bridge, 'the way crosses no bridge, so nothing would be proved')
  const next = way.steps[way.steps.indexOf(bridge) + 1]
  const middle = [(bridge.lon + next.lon) / 2, (bridge.lat + next.lat) / 2]
  await visit(browser, `/?at=${lon},${lat}&all=1&by=car`, {}, async (family) => {
    await family.locator(`[data-testid="place"][data-id="${site.id}"]`).getByTestId('show-route').click()
    await family.getByTestId('route-length').waitFor()
    const first = await routeOf(family)
    await visit(browser, '/command?tool=closures', { before: signIn(token) }, async (desk) => {
      await desk.waitForSelector('[data-testid="map"][data-ready]')
      await desk.getByTestId('search').fill('slyhq')
      await desk.getByTestId('suggestion').filter({ hasText: bridge.name }).first().click()
      await desk.waitForFunction(() => {
        const [west, , east] = document.querySelector('[data-testid="map"]').dataset.bounds.split(' ').map(Number)
        return east - west < 0.2
      })
      await desk.waitForTimeout(800)
      await drawAround(desk, middle, 0.0012)
      // Water in an area leaves the bridges over it dry.
      await desk.getByTestId('closure-cause').selectOption('collapse')
      await desk.getByTestId('closure-reason').fill('端到端测试：断桥')
      await desk.getByTestId('closure-submit').click()
      await desk.locator('[data-testid="effect"][data-deed="closed"]').waitFor()
      await family.waitForFunction(
        (length) => document.querySelector('[data-testid="no-way"]') || ![0, length].includes(Number(document.querySelector('[data-testid="route"]')?.dataset.length)),
        first.length, { timeout: WAIT_MS },
      )
      await desk.getByTestId('closure-row').filter({ hasText: '端到端测试：断桥' }).click()
      await desk.getByTestId('lift').click()
      await desk.getByTestId('lift-yes').click()
      await desk.locator('[data-testid="effect"][data-deed="lifted"]').waitFor()
      await family.waitForFunction((length) => Number(document.querySelector('[data-testid="route"]')?.dataset.length) === length, first.length, { timeout: WAIT_MS })
    })
  })
})

test('roads are closed by drawing on the map, and what it does is told', async () => {
  const token = adminToken()
  await visit(browser, '/command?tool=closures', { before: signIn(token) }, async (page) => {
    await page.waitForSelector('[data-testid="map"][data-ready]')
    await page.getByTestId('draw-area').click()
    for (const [x, y] of [[560, 400], [720, 400], [720, 540]]) await page.mouse.click(x, y)
    await page.getByTestId('corners').filter({ hasText: '3' }).waitFor()
    await page.keyboard.press('Backspace')
    await page.getByTestId('corners').filter({ hasText: '2' }).waitFor()
    await page.mouse.click(720, 540)
    await page.mouse.dblclick(560, 540)
    await page.getByTestId('closure-reason').fill('端到端测试：积水')
    await page.getByTestId('closure-submit').click()
    await page.locator('[data-testid="effect"][data-deed="closed"]').waitFor()
    await page.waitForFunction(() => Number(document.querySelector('[data-testid="map"]').dataset.closures) > 0)
    await page.getByTestId('closure-row').filter({ hasText: '端到端测试：积水' }).click()
    await page.getByTestId('lift').click()
    await page.getByTestId('lift-yes').click()
    await page.locator('[data-testid="effect"][data-deed="lifted"]').waitFor()
  })
})

test('coverage by road says how it was measured, and a closure counts at once', async () => {
  const token = adminToken()
  const { json: meta } = await api('/api/meta')
  const [west, south, east, north] = meta.district.bbox
  const [lon, lat] = [(west + east) / 2, (south + north) / 2]
  const ring = [[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]].map(([i, j]) => [lon + i * 0.02, lat + j * 0.02])
  await visit(browser, '/command?tool=coverage', {}, async (page) => {
    await page.getByTestId('by-foot').click()
    await page.getByTestId('minutes-village').fill('15')
    await page.getByTestId('run-coverage').click()
    const measured = page.getByTestId('measured')
    await measured.waitFor()
    assert.equal(await measured.getAttribute('data-by'), 'foot')
    assert.match(await measured.innerText(), /步行.*15 分钟/)
    const before = await page.getByTestId('covered').innerText()
    const { json } = await api('/api/closures', { method: 'POST', token, body: { type: 'Feature', geometry: { type: 'Polygon', coordinates: [ring] }, properties: { cause: 'police', reason: '端到端测试：警戒' } } })
    await page.waitForFunction((was) => document.querySelector('[data-testid="covered"]')?.innerText !== was, before, { timeout: WAIT_MS })
    assert.match(await measured.innerText(), /已计入/)
    await api(`/api/closures/${json.id}`, { method: 'DELETE', token })
    await page.waitForFunction((was) => document.querySelector('[data-testid="covered"]')?.innerText === was, before, { timeout: WAIT_MS })
    await page.getByTestId('measure-metres').click()
    await page.getByTestId('standard-village').fill('800')
    await page.getByTestId('run-coverage').click()
    await measured.filter({ hasText: '800 米' }).waitFor()
  })
})

test('reach sets out from several origins, from resources and from all shelters shown', async () => {
  await visit(browser, '/command?tool=reach', {}, async (page) => {
    const origins = (n) => page.waitForFunction((wanted) => Number(document.querySelector('[data-testid="map"]').dataset.origins) === wanted, n, { timeout: WAIT_MS })
    /** Waits for the answer to a question that fits: an older one may still be on its way. */
    const asked = (fits) => page.waitForResponse((response) => response.url().endsWith('/api/isochrones') && fits(JSON.parse(response.request().postData())))
    await page.waitForSelector('[data-testid="map"][data-ready]')
    await page.mouse.click(640, 480)
    await page.getByTestId('band').first().waitFor()
    await origins(1)
    await page.getByTestId('click-add').click()
    await page.waitForTimeout(800)
    const two = asked(({ origins: all }) => all.length === 2)
    await page.mouse.click(760, 360)
    await two
    await origins(2)
    await page.getByTestId('drop-origin').first().click()
    await origins(1)
    const toThere = asked(({ toward }) => toward === 'origin')
    await page.getByTestId('toward-origin').click()
    await toThere
    await page.getByTestId('all-shelters').click()
    await page.waitForFunction(() => Number(document.querySelector('[data-testid="map"]').dataset.origins) > 50)
    await page.getByTestId('clear-origins').click()
    await origins(0)
  })
})

test('reach is drawn in bands with the people inside', async () => {
  await visit(browser, '/command?tool=reach', {}, async (page) => {
    await page.waitForSelector('[data-testid="map"][data-ready]')
    await page.mouse.click(640, 480)
    await page.getByTestId('band').first().waitFor()
    assert.equal(await page.getByTestId('band').count(), 3)
    await page.getByTestId('reach-minutes').fill('10 20')
    await page.getByTestId('reach-minutes').press('Tab')
    await page.waitForFunction(() => document.querySelectorAll('[data-testid="band"]').length === 2)
  })
})
