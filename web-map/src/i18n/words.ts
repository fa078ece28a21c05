// Closed vocabularies that the public page needs: the wire word with its Chinese and English name.
//
// Invariant: words and names are those of the server's `src/domain`; a word unknown here is shown as it came, not hidden.
import { say, type Phrase, type Table } from './lang'

/** Returns the name of a wire word in the language in use; an unknown word is shown as it is. */
export function word(list: Table, value: string | number | null | undefined): string {
  if (value === null || value === undefined || value === '') return '—'
  const phrase: Phrase | undefined = list[String(value)]
  const text = phrase ? say(phrase) : String(value)
  return text.charAt(0).toUpperCase() + text.slice(1)
}

export const kind = {
  shelter: { zh: '应急避难场所', en: 'emergency shelter' },
  warehouse: { zh: '物资仓库', en: 'material warehouse' },
  storage_point: { zh: '物资储备点', en: 'storage point' },
  team: { zh: '救援队伍', en: 'rescue team' },
  site: { zh: '重要地点', en: 'site' },
} satisfies Table

export const level = {
  city: { zh: '市级', en: 'city' },
  district: { zh: '区级', en: 'district' },
  town: { zh: '街镇级', en: 'town' },
  village: { zh: '居村级', en: 'village' },
} satisfies Table

export const hazard = {
  flood: { zh: '洪水', en: 'flood' },
  waterlogging: { zh: '内涝', en: 'inland flooding' },
  rainstorm: { zh: '暴雨', en: 'rainstorm' },
  typhoon: { zh: '台风', en: 'typhoon' },
  storm_surge: { zh: '风暴潮', en: 'storm surge' },
  earthquake: { zh: '地震', en: 'earthquake' },
  landslide: { zh: '地质灾害', en: 'landslide' },
  tsunami: { zh: '海啸', en: 'tsunami' },
  volcano: { zh: '火山', en: 'volcanic event' },
  fire: { zh: '火灾', en: 'fire' },
  forest_fire: { zh: '森林火灾', en: 'forest fire' },
  cold_wave: { zh: '低温雨雪', en: 'cold wave' },
  heat_wave: { zh: '高温', en: 'heat wave' },
  hazmat: { zh: '危化品事故', en: 'hazardous release' },
  epidemic: { zh: '公共卫生事件', en: 'public-health event' },
  air_raid: { zh: '人防', en: 'air raid' },
} satisfies Table

export const status = {
  closed: { zh: '未开放', en: 'closed' },
  preparing: { zh: '准备中', en: 'preparing' },
  open: { zh: '已开放', en: 'open' },
  full: { zh: '已满', en: 'full' },
  closing: { zh: '关闭中', en: 'closing' },
} satisfies Table

export const lifecycle = {
  planned: { zh: '规划', en: 'planned' },
  under_construction: { zh: '在建', en: 'under construction' },
  in_service: { zh: '在用', en: 'in service' },
  suspended: { zh: '停用', en: 'suspended' },
  retired: { zh: '撤销', en: 'retired' },
} satisfies Table
