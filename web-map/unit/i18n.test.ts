import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { command } from '../src/i18n/command'
import { desk, right } from '../src/i18n/desk'
import { detail } from '../src/i18n/detail'
import { fieldNames } from '../src/i18n/field-names'
import { imports } from '../src/i18n/imports'
import { inbox } from '../src/i18n/inbox'
import { feedState, keep } from '../src/i18n/keep'
import { fill, lang, nameOf, count, type Table } from '../src/i18n/lang'
import { lookup } from '../src/i18n/lookup'
import { mapPhrases } from '../src/i18n/map'
import { measures } from '../src/i18n/measure'
import { correctionState, fault, reports } from '../src/i18n/reports'
import { closureCause, noWay, roads, way } from '../src/i18n/roads'
import { shell } from '../src/i18n/shell'
import { signin } from '../src/i18n/signin'
import * as staffWords from '../src/i18n/staff-words'
import { tables as tablePhrases } from '../src/i18n/tables'
import { tools } from '../src/i18n/tools'
import * as words from '../src/i18n/words'

const source = join(import.meta.dirname, '..', 'src')
const CJK = /[\u3400-\u9fff\uff0c\u3002\uff1b\uff1a]/
const { word, ...vocabularies } = words
const tables: Record<string, Table> = { shell, lookup, command, tools, detail, measures, mapPhrases, desk, right, fieldNames, imports, inbox, keep, feedState, reports, correctionState, fault, signin, tablePhrases, roads, way, closureCause, noWay, ...vocabularies, ...staffWords }

/** Phrases that show the other language on purpose, or no language at all. */
const CROSSED = new Set(['shell.switchLang', 'lookup.titleBeside', 'lookup.locateBeside', 'command.keyLang', 'command.signedInAs', 'imports.datumWgs84'])

const phrases = Object.entries(tables).flatMap(([table, entries]) => Object.entries(entries).map(([key, phrase]) => ({ name: `${table}.${key}`, ...phrase })))

afterEach(() => {
  lang.value = 'zh'
})

test('there are phrases to check', () => {
  expect(phrases.length).toBeGreaterThan(600)
})

test.each(phrases)('$name says something in both languages', ({ name, zh, en }) => {
  expect(zh.trim()).not.toBe('')
  expect(en.trim()).not.toBe('')
  if (CROSSED.has(name)) return
  expect(CJK.test(zh), `${name} has no Chinese: ${zh}`).toBe(true)
  expect(CJK.test(en), `${name} has Chinese in its English: ${en}`).toBe(false)
})

test.each(phrases)('$name takes the same parameters in both languages', ({ zh, en }) => {
  const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort()
  expect(names(en)).toEqual(names(zh))
})

test('no component or module outside i18n carries text of its own', () => {
  const strays: string[] = []
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isFile() || !/\.(vue|ts)$/.test(entry.name) || path.includes(join('src', 'i18n'))) continue
    if (entry.name === 'symbols.ts') continue // letters inside map symbols, in both languages
    const code = readFileSync(path, 'utf8').replace(/<!--[\s\S]*?-->/g, '').replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
    if (CJK.test(code)) strays.push(path)
  }
  expect(strays).toEqual([])
})

test('a parameter is put in, and a missing one stays visible', () => {
  expect(fill('{n} of {m}', { n: 3 })).toBe('3 of {m}')
})

test('a name is Chinese unless English is in use and there is an English one', () => {
  expect(nameOf({ name: '佘山镇', name_en: 'Sheshan' })).toBe('佘山镇')
  lang.value = 'en'
  expect(nameOf({ name: '佘山镇', name_en: 'Sheshan' })).toBe('Sheshan')
  expect(nameOf({ name: '佘山镇', name_en: null })).toBe('佘山镇')
})

test('an unknown number is a dash, never zero', () => {
  expect(count(null)).toBe('—')
  expect(count(undefined)).toBe('—')
  expect(count(0)).toBe('0')
  expect(count(1909713)).toBe('1,909,713')
})

test('a word that the page does not know is shown as it came', () => {
  expect(word(words.status, 'open')).toBe('已开放')
  expect(word(words.status, 'evacuating')).toBe('Evacuating')
  expect(word(words.status, null)).toBe('—')
})
