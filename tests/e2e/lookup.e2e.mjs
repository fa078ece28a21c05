// The public look-up at `/`, on a phone.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { launch, PHONE, positionWhere, visit } from './browser.mjs'

const BUDGET_BYTES = 150_000
let browser
before(async () => {
  browser = await launch()
})
after(() => browser?.close())

test('the list of nearest shelters appears before the map has loaded', async () => {
  const { lon, lat } = await positionWhere('', (answer) => answer.results.length > 0)
  let release
  const listShown = new Promise((resolve) => {
    release = resolve
  })
  let frontBytes = 0
  let held = 0
  await visit(browser, `/?at=${lon},${lat}&all=1`, {
    viewport: PHONE,
    before: (page) => page.route('**/*.js', async (route) => {
      const response = await route.fetch()
      const body = await response.body()
      if (body.includes('maplibregl-map')) {
        held += 1
        await listShown
      } else if (held === 0) frontBytes += gzipSync(body).length
      await route.fulfill({ response, body })
    }),
  }, async (page) => {
    await page.getByTestId('place').first().waitFor()
    const withoutMap = await page.getByTestId('lookup-map').getAttribute('data-phase').catch(() => null)
    assert.notEqual(withoutMap, 'ready')
    assert.ok(frontBytes > 0 && frontBytes < BUDGET_BYTES, `${frontBytes} bytes of gzipped script came before the list`)
    release()
    await page.waitForSelector('[data-testid="lookup-map"][data-phase="ready"]', { state: 'attached' })
  })
  assert.ok(held > 0, 'the map was never asked for, so nothing was proved')
})

test('a tap on the map asks from there and the address keeps the question', async () => {
  await visit(browser, '/', { viewport: PHONE, hasTouch: true }, async (page) => {
    await page.waitForSelector('[data-testid="lookup-map"][data-ready]')
    await page.getByTestId('lookup-map').tap()
    await page.getByTestId('results').waitFor({ state: 'attached' })
    assert.match(new URL(page.url()).searchParams.get('at') ?? '', /^\d+\.\d+,\d+\.\d+$/)
  })
})

test('people, hazard and needs reach the server and the address', async () => {
  const { lon, lat } = await positionWhere('', () => true)
  await visit(browser, `/?at=${lon},${lat}`, { viewport: PHONE }, async (page) => {
    await page.getByTestId('results').waitFor()
    const asked = page.waitForRequest((request) => {
      const query = new URL(request.url()).searchParams
      return request.url().includes('/api/nearest') && query.get('party') === '30' && query.get('hazard') === 'flood' && query.get('needs') === 'accessible'
    })
    await page.getByTestId('party').fill('30')
    await page.getByTestId('party').press('Tab')
    await page.getByTestId('hazard').selectOption('flood')
    await page.getByTestId('need-accessible').click()
    await asked
    await page.waitForFunction(() => location.search.includes('party=30') && location.search.includes('hazard=flood') && location.search.includes('needs=accessible'))
    await page.reload()
    assert.equal(await page.getByTestId('party').inputValue(), '30')
  })
})

test('every shelter offers Amap, Baidu and Tencent, each in its own datum', async () => {
  const { lon, lat, answer } = await positionWhere('&by=foot', (a) => a.results.length > 0)
  await visit(browser, `/?at=${lon},${lat}&all=1`, { viewport: PHONE }, async (page) => {
    await page.getByTestId('place').first().waitFor()
    for (const { id, positions } of answer.results) {
      const card = page.locator(`[data-testid="place"][data-id="${id}"]`)
      const link = async (app) => {
        const anchor = card.getByTestId(app)
        assert.equal(await anchor.getAttribute('rel'), 'noopener noreferrer')
        return new URL(await anchor.getAttribute('href')).searchParams
      }
      const near = (text, expected) => text.split(',').slice(0, 2).forEach((part, i) => assert.ok(Math.abs(Number(part) - expected[i]) < 1e-6, `${text} is not ${expected}`))
      near((await link('amap')).get('to'), positions.gcj02)
      near((await link('tencent')).get('tocoord'), positions.gcj02.toReversed())
      const baidu = await link('baidu')
      near(baidu.get('destination').slice('latlng:'.length).split('|')[0], positions.bd09.toReversed())
      near(baidu.get('origin').slice('latlng:'.length).split('|')[0], answer.origin.positions.bd09.toReversed())
      assert.equal(baidu.get('coord_type'), 'bd09ll')
    }
  })
})

test('closer shelters that do not suit are listed with the reason', async () => {
  const { lon, lat, answer } = await positionWhere('&by=foot', (a) => a.results.length > 0 && a.rejected.length > 0)
  await visit(browser, `/?at=${lon},${lat}&all=1`, { viewport: PHONE }, async (page) => {
    await page.getByTestId('rejected').locator('summary').click()
    const rows = page.getByTestId('rejection')
    await rows.first().waitFor()
    assert.equal(await rows.count(), answer.rejected.length)
    assert.ok((await rows.first().innerText()).includes(answer.rejected[0].sentence.zh))
  })
})

test('what is not known to be open is never listed as open', async () => {
  const { lon, lat, answer } = await positionWhere('&by=foot&open=true', (a) => a.road.origin)
  const anyOpen = answer.results.some((r) => r.status === 'open')
  await visit(browser, `/?at=${lon},${lat}`, { viewport: PHONE }, async (page) => {
    const found = await page.getByTestId('results').getAttribute('data-found')
    if (anyOpen) assert.equal(found, 'some')
    else {
      assert.notEqual(found, 'some')
      await page.getByTestId(found).waitFor()
    }
  })
})

test('when locating is refused the page says so and shows another way', async () => {
  await visit(browser, '/', { viewport: PHONE, permissions: [] }, async (page) => {
    await page.getByTestId('locate').click()
    const trouble = page.getByTestId('trouble')
    await trouble.waitFor()
    assert.match(await trouble.innerText(), /按地名查找/)
  })
})

test('a position outside of the district is told so', async () => {
  await visit(browser, '/', { viewport: PHONE, permissions: ['geolocation'], geolocation: { longitude: 116.39, latitude: 39.91 } }, async (page) => {
    await page.getByTestId('locate').click()
    await page.getByTestId('outside').waitFor()
  })
})

test('both languages, and the demonstration banner in each', async () => {
  await visit(browser, '/', { viewport: PHONE }, async (page) => {
    await page.getByRole('heading', { name: '应急避难场所查询' }).waitFor()
    await page.getByTestId('lang').click()
    await page.getByRole('heading', { level: 1, name: /^Find a shelter/ }).waitFor()
    assert.equal(await page.locator('html').getAttribute('lang'), 'en')
    assert.match(await page.getByTestId('synthetic').innerText(), /演示数据.*Demonstration data/s)
    await page.reload()
    await page.getByText('Where are you?').waitFor()
  })
})

test('nothing on the phone page is wider than the phone', async () => {
  const { lon, lat } = await positionWhere('', (answer) => answer.results.length > 0)
  for (const lang of ['zh', 'en']) {
    await visit(browser, `/?at=${lon},${lat}&all=1&lang=${lang}`, { viewport: PHONE }, async (page) => {
      await page.getByTestId('place').first().waitFor()
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth))
    })
  }
})

test('more people than can be asked for at once are told so', async () => {
  const { lon, lat } = await positionWhere('', () => true)
  await visit(browser, `/?at=${lon},${lat}`, { viewport: PHONE }, async (page) => {
    await page.getByTestId('party').fill('900000')
    await page.getByTestId('party').press('Tab')
    assert.match(await page.getByTestId('party-most').innerText(), /999/)
  })
})

test('a network that fails takes away no list, but says that it is old; another question does not get it', async () => {
  const { lon, lat } = await positionWhere('', (answer) => answer.results.length > 0)
  await visit(browser, `/?at=${lon},${lat}&all=1`, { viewport: PHONE, allow: [/ERR_FAILED|Failed to load/] }, async (page) => {
    await page.getByTestId('place').first().waitFor()
    const n = await page.getByTestId('place').count()
    await page.route('**/api/nearest*', (route) => route.abort())
    await page.getByRole('button', { name: '刷新' }).click()
    await page.getByTestId('kept').waitFor()
    assert.equal(await page.getByTestId('place').count(), n)
    await page.getByTestId('hazard').selectOption('flood')
    await page.getByTestId('kept').waitFor({ state: 'detached' })
    await page.getByTestId('place').first().waitFor({ state: 'detached' })
  })
})

test('the look-up suggests shelters and towns, not teams and stores', async () => {
  await visit(browser, '/', { viewport: PHONE }, async (page) => {
    const asked = page.waitForRequest((request) => request.url().includes('/api/places'))
    await page.getByTestId('place-search').fill('示例')
    assert.equal(new URL((await asked).url()).searchParams.get('kind'), 'shelter,site')
    await page.getByTestId('suggestion').first().waitFor()
  })
})
