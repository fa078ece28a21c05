// The search for places, on a phone at `/` and at `/command`.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { api, launch, PHONE, visit } from './browser.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser?.close())

test('a place is found by its initials, chosen by keyboard, and asked from', async () => {
  const { json: meta } = await api('/api/meta')
  assert.equal(meta.district.name, '松江区')
  await visit(browser, '/', { viewport: PHONE }, async (page) => {
    await page.getByTestId('place-search').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('sjq')
    const found = page.locator('[data-testid="suggestion"][data-match="initials"]').filter({ hasText: '松江区' }).first()
    await found.waitFor()
    assert.ok((await found.innerText()).includes('拼音首字母'))
    for (const box of [await found.boundingBox(), await page.getByTestId('place-search').boundingBox()]) {
      assert.ok(box.x >= 0 && box.x + box.width <= PHONE.width, JSON.stringify(box))
    }
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByTestId('results').waitFor({ state: 'attached' })
    const asked = new URL(page.url()).searchParams
    assert.match(asked.get('at') ?? '', /^\d+\.\d+,\d+\.\d+$/)
    assert.equal(asked.get('place'), '松江区')
  })
})

test('a misspelt name is found, and Escape closes the list and then leaves the field', async () => {
  await visit(browser, '/', { viewport: PHONE }, async (page) => {
    await page.getByTestId('place-search').fill('songjainqu')
    const first = page.getByTestId('suggestion').first()
    await first.waitFor()
    assert.equal(await first.getAttribute('data-match'), 'typo')
    await page.keyboard.press('Escape')
    await first.waitFor({ state: 'hidden' })
    await page.keyboard.press('Escape')
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'BODY')
  })
})

test('on the operations map a place is marked, a resource is opened, and Escape takes the mark away', async () => {
  const { json } = await api('/api/layers/shelter')
  const { id, name } = json.features[0].properties
  await visit(browser, '/command', {}, async (page) => {
    await page.waitForSelector('[data-testid="map"][data-ready]')
    await page.keyboard.press('/')
    await page.keyboard.type('121.23, 31.03')
    await page.locator('[data-testid="suggestion"][data-kind="coordinate"]').waitFor()
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-testid="map"][data-marked="121.23,31.03"]')
    await page.keyboard.press('Escape')
    await page.waitForSelector('[data-testid="map"]:not([data-marked])')
    await page.keyboard.press('/')
    await page.keyboard.type(name)
    // Enter before the answer waits for it.
    await page.keyboard.press('Enter')
    await page.getByTestId('detail').waitFor()
    assert.equal(new URL(page.url()).searchParams.get('id'), id)
  })
})

test('on a phone the list keeps within the screen on both pages, in traditional characters, by a code half typed, and when nothing is found', async () => {
  const { json: layer } = await api('/api/layers/shelter')
  const { json: shelter } = await api(`/api/resources/${layer.features[0].id}`)
  const { code } = shelter
  const half = code.slice(0, code.indexOf('-') + 1)
  for (const [path, testid] of [['/', 'place-search'], ['/command', 'search']]) {
    await visit(browser, path, { viewport: PHONE }, async (page) => {
      const field = page.getByTestId(testid)
      await field.fill('松江區')
      const district = page.getByTestId('suggestion').filter({ hasText: '松江区' })
      await district.first().waitFor()
      assert.equal(await district.first().getAttribute('data-kind'), 'division')
      await field.fill(half)
      await page.getByTestId('suggestion').filter({ hasText: half }).first().waitFor()
      const box = await page.getByRole('listbox').boundingBox()
      assert.ok(box.x > 0 && box.x + box.width < PHONE.width, JSON.stringify(box))
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth))
      await field.fill('没有这个地方')
      const nothing = page.getByTestId('no-suggestion')
      await nothing.waitFor()
      assert.match(await nothing.innerText(), /没有找到“没有这个地方”/)
      // There is nothing to choose: Enter stays, and the field keeps what was typed.
      await page.keyboard.press('Enter')
      assert.equal(await field.inputValue(), '没有这个地方')
    })
  }
})
