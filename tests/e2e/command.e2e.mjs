// The operations map at `/command`.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { adminToken, api, DESK, launch, positionWhere, visit, waitForMap } from './browser.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser?.close())

const sum = (counts) => Object.values(counts).reduce((total, n) => total + n, 0)

test('every resource is drawn, and the layer panel counts what the server counts', async () => {
  const { json: meta } = await api('/api/meta')
  assert.ok(sum(meta.counts) > 0, 'the server has no resources')
  await visit(browser, '/command', {}, async (page) => {
    await waitForMap(page, 'drawn', { is: sum(meta.counts) })
    for (const [kind, n] of Object.entries(meta.counts)) {
      assert.equal(await page.getByTestId(`layer-${kind}`).getAttribute('data-count'), String(n), kind)
    }
  })
})

test('hiding a layer takes it off the map and showing it brings it back', async () => {
  const { json: meta } = await api('/api/meta')
  await visit(browser, '/command', {}, async (page) => {
    await waitForMap(page, 'drawn', { is: sum(meta.counts) })
    const box = page.getByTestId('layer-shelter').getByRole('checkbox')
    await box.click()
    await waitForMap(page, 'drawn', { is: sum(meta.counts) - meta.counts.shelter })
    await box.click()
    await waitForMap(page, 'drawn', { is: sum(meta.counts) })
  })
})

test('a click asks for the nearest and lists the closer ones that were rejected with the reason', async () => {
  await visit(browser, '/command?tool=nearest', {}, async (page) => {
    await page.waitForSelector('[data-testid="map"][data-ready]')
    await page.getByTestId('nearest-party').fill('30')
    const answered = page.waitForResponse((response) => response.url().includes('/api/nearest'))
    await page.mouse.click(640, 480)
    const answer = await (await answered).json()
    assert.equal(new URL((await answered).url()).searchParams.get('party'), '30')
    assert.ok(answer.results.length > 0)
    await page.getByTestId('nearest-result').first().waitFor()
    assert.deepEqual(await page.getByTestId('nearest-result').evaluateAll((rows) => rows.map((row) => row.dataset.id)), answer.results.map((r) => r.id))
    assert.deepEqual(await page.getByTestId('nearest-rejection').evaluateAll((rows) => rows.map((row) => row.dataset.reason)), answer.rejected.map((r) => r.reason))
    await waitForMap(page, 'rays', { above: 0 })
  })
})

test('a rejection names its reason in Chinese and in English', async () => {
  const { lon, lat, answer } = await positionWhere('&open=true', (a) => a.rejected.length > 0)
  const { zh, en } = answer.rejected[0].sentence
  assert.notEqual(zh, en)
  for (const [lang, sentence] of [['zh', zh], ['en', en]]) {
    await visit(browser, `/?at=${lon},${lat}&lang=${lang}`, {}, async (page) => {
      await page.getByTestId('rejected').locator('summary').click()
      await page.getByText(sentence).first().waitFor()
    })
  }
})

test('around a point people, places and resources are summed up', async () => {
  await visit(browser, '/command?tool=around', {}, async (page) => {
    await page.waitForSelector('[data-testid="map"][data-ready]')
    await page.getByTestId('around-radius').fill('3000')
    await page.getByTestId('around-radius').press('Tab')
    const answered = page.waitForResponse((response) => response.url().includes('/api/around'))
    await page.mouse.click(640, 480)
    const answer = await (await answered).json()
    await page.getByTestId('around-population').waitFor()
    assert.equal((await page.getByTestId('around-population').innerText()).replaceAll(',', ''), String(answer.population ?? '—'))
    assert.equal(await page.getByTestId('around-item').count(), answer.items.length)
  })
})

test('coverage draws the gap, fills the table and offers it as CSV', async () => {
  await visit(browser, '/command?tool=coverage', { acceptDownloads: true }, async (page) => {
    await page.waitForSelector('[data-testid="map"][data-ready]')
    const answered = page.waitForResponse((response) => response.url().includes('/api/coverage'))
    await page.getByTestId('run-coverage').click()
    const answer = await (await answered).json()
    assert.equal(answer.population.covered + answer.population.uncovered, answer.population.total)
    await page.getByTestId('division-row').first().waitFor()
    assert.equal(await page.getByTestId('division-row').count(), answer.divisions.length)
    assert.ok((await page.getByTestId('uncovered').innerText()).includes(answer.population.uncovered.toLocaleString('en-US')))
    assert.ok(answer.gap.coordinates.length > 0, 'the demo district has no gap, so nothing was proved')
    await waitForMap(page, 'gap', { above: 0 })
    assert.equal(await page.getByTestId('gap').count(), answer.largest_gaps.length)

    const download = page.waitForEvent('download')
    await page.getByTestId('csv').click()
    const lines = (await readFile(await (await download).path(), 'utf8')).trim().split('\r\n')
    assert.equal(lines.length, answer.divisions.length + 1)
  })
})

test('a table column sorts both ways', async () => {
  await visit(browser, '/command?tool=coverage', {}, async (page) => {
    await page.getByTestId('run-coverage').click()
    await page.getByTestId('division-row').first().waitFor()
    const uncovered = () => page.getByTestId('division-row').evaluateAll((rows) => rows.map((row) => Number(row.cells[3].innerText.replaceAll(',', ''))))
    const falling = await uncovered()
    assert.deepEqual(falling, falling.toSorted((a, b) => b - a))
    await page.getByTestId('division-table').getByRole('button').nth(3).click()
    assert.deepEqual(await uncovered(), falling.toSorted((a, b) => a - b))
  })
})

test('the keyboard finds a resource and closes it again', async () => {
  const { json } = await api('/api/layers/shelter')
  const wanted = json.features[0].properties
  await visit(browser, '/command', {}, async (page) => {
    await page.waitForSelector('[data-testid="map"][data-ready]')
    await page.keyboard.press('/')
    await page.keyboard.type(wanted.name)
    await page.getByTestId('suggestion').first().waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByTestId('detail').waitFor()
    await page.keyboard.press('Escape')
    await page.getByTestId('detail').waitFor({ state: 'detached' })
    await page.keyboard.press('?')
    await page.getByTestId('shortcuts').waitFor()
  })
})

test('a token typed in the dialog signs in for this tab, and contacts are for staff only', async () => {
  const token = adminToken()
  const { json } = await api('/api/layers/shelter')
  const id = json.features[0].properties.id
  const { json: asPublic } = await api(`/api/resources/${encodeURIComponent(id)}`)
  assert.equal(asPublic.contacts, undefined)
  await visit(browser, `/command?id=${encodeURIComponent(id)}`, {}, async (page) => {
    await page.getByTestId('detail').getByRole('heading', { level: 3 }).first().waitFor()
    assert.equal(await page.getByTestId('contacts').count(), 0)
    await page.getByTestId('sign-in').click()
    await page.getByTestId('way-token').click()
    await page.getByTestId('token').fill(token)
    await page.getByTestId('submit-token').click()
    await page.getByTestId('sign-out').waitFor()
    assert.equal(await page.evaluate(() => sessionStorage.getItem('bihu.token')), token)
    assert.equal(await page.evaluate(() => JSON.stringify(localStorage).includes(sessionStorage.getItem('bihu.token'))), false)
  })
})

test('a wrong token is refused in words', async () => {
  await visit(browser, '/command', { allow: [/401/] }, async (page) => {
    await page.getByTestId('sign-in').click()
    await page.getByTestId('way-token').click()
    await page.getByTestId('token').fill('not-a-token')
    await page.getByTestId('submit-token').click()
    await page.getByText('令牌无效或已过期').waitFor()
  })
})

test('both languages and both themes, remembered after a reload', async () => {
  await visit(browser, '/command', { viewport: DESK, colorScheme: 'dark' }, async (page) => {
    await page.getByRole('heading', { level: 1, name: /应急资源一张图/ }).waitFor()
    assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark')
    await page.getByTestId('lang').click()
    await page.getByTestId('theme').click()
    await page.reload()
    await page.getByRole('heading', { level: 1, name: /Operations map/ }).waitFor()
    assert.equal(await page.locator('html').getAttribute('data-theme'), 'light')
    assert.match(await page.getByTestId('synthetic').innerText(), /演示数据.*Demonstration data/s)
  })
})

test('the results of a nearest question are drawn alone, also where they lie in a cluster', async () => {
  await visit(browser, '/command?tool=nearest', {}, async (page) => {
    await page.waitForSelector('[data-testid="map"][data-ready]')
    const answered = page.waitForResponse((response) => response.url().includes('/api/nearest'))
    await page.mouse.click(640, 480)
    const answer = await (await answered).json()
    assert.ok(answer.results.length > 0)
    await waitForMap(page, 'results', { is: answer.results.length })
  })
})

test('towns are named in the first view, also those in the middle of the district', async () => {
  const { json: layer } = await api('/api/layers/divisions')
  await visit(browser, '/command', {}, async (page) => {
    await page.waitForFunction(() => {
      const labels = (document.querySelector('[data-testid="map"]')?.dataset.labels ?? '').split(' ')
      // Where names are too close for one another, which of them goes first depends on what was drawn before.
      const middle = ['方松街道', '广富林街道', '中山街道', '永丰街道', '岳阳街道'].filter((name) => labels.includes(name))
      return labels.length >= 8 && middle.length >= 2
    })
    const shown = (await page.getByTestId('map').getAttribute('data-labels')).split(' ')
    const names = layer.features.map((f) => f.properties.name)
    assert.ok(shown.every((name) => names.includes(name)), shown.join())
  })
})

test('what only staff may know of is marked in the drawer and in suggestions', async () => {
  const token = adminToken()
  const { json } = await api('/api/layers/shelter', { token })
  const hidden = json.features.find((f) => f.properties.visibility === 'operational')
  assert.ok(hidden, 'the demo has nothing that only staff may know of, so nothing was proved')
  const before = (page) => page.addInitScript((t) => sessionStorage.setItem('bihu.token', t), token)
  await visit(browser, `/command?id=${encodeURIComponent(hidden.properties.id)}`, { before }, async (page) => {
    await page.getByTestId('detail').getByTestId('operational').waitFor()
    await page.getByTestId('search').fill(hidden.properties.name)
    await page.getByTestId('suggestion').filter({ hasText: '内部' }).first().waitFor()
  })
})

test('suggestions tell things of one name apart by town and address', async () => {
  const { json } = await api('/api/search?q=%E7%A4%BA%E4%BE%8B&kind=shelter&limit=1')
  const [found] = json.results
  await visit(browser, '/command', {}, async (page) => {
    await page.getByTestId('search').fill(found.name)
    const first = page.getByTestId('suggestion').first()
    await first.waitFor()
    for (const text of [found.division_name, found.address]) assert.ok((await first.innerText()).includes(text), text)
  })
})

test('where nobody has counted the people no gap and no coverage is claimed', async () => {
  const unknown = (route) => route.fetch().then(async (response) => {
    const answer = await response.json()
    const people = { total: null, covered: null, uncovered: null }
    const why = (zh) => ({ zh, en: zh })
    await route.fulfill({
      response,
      json: {
        ...answer, demand_points: 0, population: people, outside: people, population_note: why('没有需求点'), gap_withheld: why('没有区划边界'),
        multiplicity: answer.multiplicity.map((m) => ({ ...m, population: null })), divisions: [], largest_gaps: [], gap_area_m2: null, area_m2: null,
        gap: { type: 'MultiPolygon', coordinates: [] },
      },
    })
  })
  await visit(browser, '/command?tool=coverage', { before: (page) => page.route('**/api/coverage', unknown) }, async (page) => {
    await page.getByTestId('run-coverage').click()
    await page.getByTestId('population-unknown').waitFor()
    assert.match(await page.getByTestId('gap-withheld').innerText(), /没有区划边界/)
    assert.match(await page.getByTestId('no-gap').innerText(), /人口未知/)
    assert.match(await page.getByTestId('covered').innerText(), /—/)
    assert.match(await page.getByTestId('counted').innerText(), /未计入/)
  })
})
