// Closed vocabularies that only staff screens need; the public page does not load them.
import type { Table } from './lang'

export const visibility = {
  public: { zh: '公开', en: 'public' },
  operational: { zh: '内部', en: 'operational' },
} satisfies Table

export const standing = {
  permanent: { zh: '常设', en: 'permanent' },
  temporary: { zh: '临时', en: 'temporary' },
} satisfies Table

export const duration = {
  emergency: { zh: '紧急（≤1天）', en: 'emergency (up to 1 day)' },
  short: { zh: '短期（2–14天）', en: 'short term (2–14 days)' },
  long: { zh: '长期（15–180天）', en: 'long term (15–180 days)' },
} satisfies Table

export const space = {
  indoor: { zh: '室内', en: 'indoor' },
  outdoor: { zh: '室外', en: 'outdoor' },
  both: { zh: '室内外兼有', en: 'indoor and outdoor' },
} satisfies Table

export const functionClass = {
  comprehensive: { zh: '综合性', en: 'comprehensive' },
  single: { zh: '单一性', en: 'single-purpose' },
  special: { zh: '特定', en: 'special' },
} satisfies Table

export const facility = {
  bedding: { zh: '宿住', en: 'beds' },
  water: { zh: '供水', en: 'water' },
  power: { zh: '供电', en: 'power' },
  toilet: { zh: '厕所', en: 'toilets' },
  shower: { zh: '淋浴', en: 'showers' },
  kitchen: { zh: '餐饮', en: 'kitchen' },
  medical: { zh: '医疗', en: 'medical point' },
  communication: { zh: '通信', en: 'communication' },
  lighting: { zh: '照明', en: 'lighting' },
  broadcast: { zh: '广播', en: 'broadcast' },
  heating: { zh: '采暖', en: 'heating' },
  cooling: { zh: '制冷', en: 'cooling' },
  nursery: { zh: '母婴', en: 'mother-and-baby room' },
  supplies: { zh: '物资储备', en: 'supplies' },
  fire_fighting: { zh: '消防', en: 'fire-fighting' },
  parking: { zh: '停车', en: 'parking' },
  helipad: { zh: '停机坪', en: 'helipad' },
  command: { zh: '指挥管理', en: 'command post' },
} satisfies Table

export const quality = {
  stated: { zh: '公布值', en: 'stated' },
  derived: { zh: '推算值', en: 'derived' },
  unknown: { zh: '未知', en: 'unknown' },
} satisfies Table

export const site = {
  fire_station: { zh: '消防站', en: 'fire station' },
  hospital: { zh: '医院', en: 'hospital' },
  water_source: { zh: '水源地', en: 'water source' },
  watchtower: { zh: '瞭望塔', en: 'watchtower' },
  helipad: { zh: '停机坪', en: 'helipad' },
  key_unit: { zh: '灾害防御重点单位', en: 'key unit for disaster prevention' },
  hazard_source: { zh: '危险源', en: 'hazard source' },
  other: { zh: '其他', en: 'other' },
} satisfies Table

export const tier = {
  '1': { zh: '区级', en: 'tier 1 (district)' },
  '2': { zh: '街镇级', en: 'tier 2 (town)' },
  '3': { zh: '居村级', en: 'tier 3 (village)' },
} satisfies Table

export const reserve = {
  physical: { zh: '实物储备', en: 'physical' },
  agreement: { zh: '协议储备', en: 'by agreement' },
  production: { zh: '产能储备', en: 'production capacity' },
} satisfies Table

export const category = {
  fire: { zh: '综合性消防救援', en: 'fire and rescue' },
  professional: { zh: '专业队伍', en: 'professional' },
  militia: { zh: '民兵', en: 'militia' },
  town: { zh: '街镇队伍', en: 'town' },
  social: { zh: '社会救援力量', en: 'volunteer' },
  expert: { zh: '应急专家', en: 'experts' },
} satisfies Table

export const readiness = {
  standby: { zh: '待命', en: 'standby' },
  dispatched: { zh: '已出发', en: 'dispatched' },
  engaged: { zh: '正在参与', en: 'engaged' },
} satisfies Table

export const capability = {
  flood_rescue: { zh: '防汛抢险', en: 'flood rescue' },
  water_rescue: { zh: '水域救援', en: 'water rescue' },
  forest_fire: { zh: '森林防火', en: 'forest-fire fighting' },
  fire_fighting: { zh: '灭火救援', en: 'fire-fighting' },
  medical: { zh: '医疗救护', en: 'medical' },
  collapse: { zh: '建筑坍塌救援', en: 'collapse rescue' },
  hazmat: { zh: '危化品处置', en: 'hazmat' },
  drainage: { zh: '排涝', en: 'drainage' },
  power_repair: { zh: '电力抢修', en: 'power repair' },
  road_repair: { zh: '道路抢通', en: 'road clearance' },
  communication: { zh: '应急通信', en: 'communication' },
  drone: { zh: '无人机勘察', en: 'drone survey' },
  transport: { zh: '运输', en: 'transport' },
  evacuation: { zh: '人员转移', en: 'evacuation' },
  psychology: { zh: '心理援助', en: 'counselling' },
} satisfies Table

/** Why a site does not count for coverage. */
export const leftOut = {
  not_in_service: { zh: '未投入使用', en: 'not in service' },
  full: { zh: '已满员', en: 'full' },
  closing: { zh: '正在关闭', en: 'closing' },
  not_open: { zh: '未开放', en: 'not open' },
  hazard_unsuited: { zh: '不适用于该灾害', en: 'not suited to the hazard' },
  hazard_unknown: { zh: '未登记适用灾害', en: 'of unknown hazards' },
  status_unknown: { zh: '开放状态未知', en: 'of unknown status' },
  team_out: { zh: '队伍已出动', en: 'teams that are out' },
  level_unknown: { zh: '级别未知', en: 'of unknown level' },
  no_standard_for_level: { zh: '该级别未设距离', en: 'of a level without a distance' },
  not_enough_places: { zh: '空位不足', en: 'with too few places' },
  capacity_unknown: { zh: '容量未知', en: 'of unknown capacity' },
} satisfies Table

export const role = {
  public: { zh: '公众', en: 'public' },
  reporter: { zh: '灾害信息员', en: 'information officer' },
  editor: { zh: '编辑', en: 'editor' },
  dispatcher: { zh: '调度员', en: 'dispatcher' },
  planner: { zh: '规划员', en: 'planner' },
  steward: { zh: '数据管理员', en: 'data steward' },
  admin: { zh: '管理员', en: 'administrator' },
} satisfies Table

export const field = {
  record: { zh: '整条记录', en: 'record' },
  position: { zh: '位置', en: 'position' },
  capacity: { zh: '容量', en: 'capacity' },
  occupancy: { zh: '占用', en: 'occupancy' },
  status: { zh: '状态', en: 'status' },
  contacts: { zh: '联系人', en: 'contacts' },
  stock: { zh: '库存', en: 'stock' },
  readiness: { zh: '备勤', en: 'readiness' },
  track: { zh: '实时位置', en: 'current position' },
} satisfies Table
