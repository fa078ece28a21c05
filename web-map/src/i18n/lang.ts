// The language of the page, and the function that turns a table of phrases into `t(key, parameters)`.
//
// Why no library: two languages and no plurals beyond "n places" need thirty lines, not 68 kB.
// Invariant: every phrase has both languages; a key that is not in its table does not compile.
import { shallowRef, watchEffect } from 'vue'

export type Lang = 'zh' | 'en'
export interface Phrase {
  zh: string
  en: string
}
export type Table = Record<string, Phrase>
export type Parameters = Record<string, string | number>

const KEY = 'bihu.lang'

function initial(): Lang {
  if (typeof location === 'undefined') return 'zh'
  const asked = new URLSearchParams(location.search).get('lang')
  if (asked === 'zh' || asked === 'en') return asked
  try {
    return localStorage.getItem(KEY) === 'en' ? 'en' : 'zh'
  } catch {
    return 'zh'
  }
}

/** The language in use. Chinese unless chosen otherwise. */
export const lang = shallowRef<Lang>(initial())

/** Changes the language and remembers the choice. */
export function setLang(value: Lang): void {
  lang.value = value
  try {
    localStorage.setItem(KEY, value)
  } catch {
    // Storage is switched off: the choice lives as long as the page.
  }
}

/** Keeps `<html lang>` in step, so that screen readers and line breaking use the right language. */
export function bindDocumentLang(): void {
  watchEffect(() => {
    document.documentElement.lang = lang.value === 'zh' ? 'zh-CN' : 'en'
  })
}

/** Puts `{name}` parameters into a phrase. */
export function fill(text: string, parameters: Parameters = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(parameters[name] ?? whole))
}

/** Returns the phrase's text in the language in use. */
export function say(phrase: Phrase, parameters?: Parameters): string {
  return fill(phrase[lang.value], parameters)
}

/** Returns `t(key)` for one table. */
export function phrases<T extends Table>(table: T): (key: keyof T & string, parameters?: Parameters) => string {
  return (key, parameters) => say(table[key] as Phrase, parameters)
}

/** Chooses the name to show: the Chinese one, or the English one where it exists and English is in use. */
export function nameOf(thing: { name: string; name_en?: string | null | undefined }): string {
  return lang.value === 'en' && thing.name_en ? thing.name_en : thing.name
}

/** Puts words of a list together. */
export const listed = (parts: readonly string[]): string => parts.join(lang.value === 'zh' ? '、' : ', ')

/** Puts parts of a sentence together. */
export const parted = (parts: readonly string[]): string => parts.join(lang.value === 'zh' ? '；' : '; ')

const NUMBER = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** A whole number with thousands separators; an unknown one is a dash, never 0. */
export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? '—' : NUMBER.format(value)
}

/** What stands between sentences, and between the items of a list. */
export const between = (what: 'sentences' | 'items'): string => (lang.value === 'zh' ? { sentences: '；', items: '、' } : { sentences: '; ', items: ', ' })[what]
