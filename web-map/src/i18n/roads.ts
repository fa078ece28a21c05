// Phrases of travel by road: how to go, routes, reach, closures and what they do. Words are those of the server's domain.
import { phrases, type Table } from './lang'
import { word } from './words'

export const way = {
  air: { zh: '直线', en: 'straight' },
  foot: { zh: '步行', en: 'foot' },
  wheelchair: { zh: '轮椅', en: 'wheelchair' },
  car: { zh: '小汽车', en: 'car' },
  truck: { zh: '货车', en: 'truck' },
  emergency: { zh: '应急车', en: 'emergency' },
} satisfies Table

export const closureCause = {
  flood: { zh: '积水', en: 'flood' },
  police: { zh: '警戒封控', en: 'police line' },
  collapse: { zh: '塌方断桥', en: 'collapse' },
  obstacle: { zh: '倒树障碍', en: 'obstacle' },
  fire: { zh: '火情', en: 'fire' },
  works: { zh: '施工', en: 'road works' },
  crowd: { zh: '人流管控', en: 'crowd control' },
  other: { zh: '其他', en: 'other' },
} satisfies Table

export const noWay = {
  closure: { zh: '封控', en: 'closed' },
  island: { zh: '不连通', en: 'not connected' },
  off_network: { zh: '附近无路', en: 'no road near' },
} satisfies Table

export const roads = {
  travel: { zh: '怎么走', en: 'Travel' },
  minutes: { zh: '{n} 分钟', en: '{n} min' },
  underMinute: { zh: '不到 1 分钟', en: 'under 1 min' },
  hours: { zh: '{h} 小时 {m} 分', en: '{h} h {m} min' },
  byRoad: { zh: '路程 {d}', en: '{d} by road' },
  byAir: { zh: '直线 {d}', en: '{d} straight' },
  fromByRoad: { zh: '从{place}出发，{way}，按用时排序', en: 'from {place}, {way}, least time first' },
  disclaimer: { zh: '用时按路网估算，未计等候与拥堵。请以现场管理人员和官方通知为准。', en: 'Times are worked out from the roads, without waits and jams. Follow staff on site and official notices.' },
  shutIn: { zh: '起点走不出去', en: 'There is no way out from here' },
  noWayTo: { zh: '走不到', en: 'No way there' },

  route: { zh: '路线', en: 'Route' },
  showRoute: { zh: '看路线', en: 'Show route' },
  routeTo: { zh: '到{name}', en: 'To {name}' },
  showRouteTo: { zh: '看到{name}的路线', en: 'Show the route to {name}' },
  whyNoWayTo: { zh: '看为什么到不了{name}', en: 'See why there is no way to {name}' },
  clearRoute: { zh: '清除路线', en: 'Clear the route' },
  onMap: { zh: '在地图上看', en: 'On the map' },
  backToList: { zh: '返回列表', en: 'Back to the list' },
  details: { zh: '资料', en: 'Details' },
  steps: { zh: '分步指引（{n} 步）', en: 'Step by step ({n})' },
  asideStart: { zh: '起点离路 {d}', en: 'the start is {d} off the road' },
  asideEnd: { zh: '终点离路 {d}', en: 'the site is {d} off the road' },
  inTheWay: { zh: '阻断的封控', en: 'Closures in the way' },
  routeLoading: { zh: '正在找路…', en: 'Finding the way…' },

  reachTitle: { zh: '可达范围', en: 'Reach' },
  reachStart: { zh: '在地图上点一下（点中资源就从它出发），看几分钟内能到哪里。可加多个起点。', en: 'Click the map (on a resource, to set out from it) to see how far one gets in some minutes. There may be several origins.' },
  origins: { zh: '起点（{n} 处）· 点地图时', en: 'Origins ({n}) · a click' },
  clickPut: { zh: '换起点', en: 'Replaces' },
  clickAdd: { zh: '再加一个', en: 'Adds one' },
  dropOrigin: { zh: '去掉起点 {name}', en: 'Take the origin {name} away' },
  moreOrigins: { zh: '另有 {n} 处', en: '{n} more' },
  fromShelters: { zh: '从图层里的 {n} 处避难场所', en: 'From the {n} shelters shown' },
  clearOrigins: { zh: '清空', en: 'Clear' },
  originsFull: { zh: '起点最多 {n} 处。', en: 'At most {n} origins.' },
  nearestOrigin: { zh: '各处以最近的起点计', en: 'Each place counts from its nearest origin' },
  drawing: { zh: '画法', en: 'Drawn' },
  areas: { zh: '成片', en: 'As areas' },
  streets: { zh: '沿街', en: 'Streets only' },
  reachFrom: { zh: '可达范围', en: 'Reach' },
  toward: { zh: '方向', en: 'Direction' },
  away: { zh: '从起点出发', en: 'From there' },
  inward: { zh: '到起点来', en: 'To there' },
  bands: { zh: '时限（分钟）', en: 'Limits (minutes)' },
  bandsHint: { zh: '1–{most} 分钟，最多 {n} 个，用空格隔开', en: '1–{most} minutes, at most {n}, with spaces between' },
  bandsWrong: { zh: '请写 1 到 {most} 之间的分钟数，最多 {n} 个，例如 5 10 15', en: 'Write minutes between 1 and {most}, at most {n} of them, such as 5 10 15' },
  within: { zh: '{n} 分钟内', en: 'within {n} min' },
  people: { zh: '人口', en: 'People' },
  area: { zh: '面积', en: 'Area' },
  bandTolerance: { zh: '边界按街道绘制，至多多画 {d}', en: 'Edges follow the streets and cover at most {d} too much' },
  bandsNone: { zh: '从起点哪儿也到不了：附近没有可通行的道路，或道路已封控。', en: 'Nothing can be reached from there: no road that can be used comes near, or it is closed.' },

  closuresTitle: { zh: '道路封控', en: 'Road closures' },
  closuresNone: { zh: '现在没有封控。', en: 'No road is closed.' },
  noRoads: { zh: '服务未装入路网：封控会记录下来，但算不出影响。', en: 'The service has no roads: closures are kept, but what they do can not be worked out.' },
  signInToClose: { zh: '登录后可以封控道路。', en: 'Sign in to close roads.' },
  mayNotClose: { zh: '您的账号没有封控道路的权限。', en: 'Your account may not close roads.' },
  inForce: { zh: '生效中', en: 'In force' },
  toCome: { zh: '未开始', en: 'To come' },
  closedLength: { zh: '封闭道路 {d}', en: '{d} of road closed' },
  closedPlaces: { zh: '封住 {n} 处路口或断面', en: 'closes {n} places on roads' },
  closedNothing: { zh: '没有压到道路', en: 'closes no road' },
  who: { zh: '对象', en: 'Who' },
  everybody: { zh: '所有通行', en: 'Everybody' },
  depth: { zh: '水深 {n} 厘米', en: '{n} cm of water' },
  from: { zh: '开始', en: 'From' },
  until: { zh: '结束', en: 'Until' },
  untilLifted: { zh: '解除为止', en: 'until lifted' },
  openEnd: { zh: '未定，解除为止', en: 'open: it has to be lifted' },
  source: { zh: '来源', en: 'Source' },
  sourceUnknown: { zh: '未注明', en: 'not stated' },
  revision: { zh: '版本', en: 'Revision' },
  drill: { zh: '演练', en: 'Drill' },
  closureOnMap: { zh: '道路封控', en: 'Road closed' },

  newClosure: { zh: '新封控', en: 'New closure' },
  drawPoint: { zh: '点一处路', en: 'Point on a road' },
  drawLine: { zh: '画线', en: 'Line' },
  drawArea: { zh: '画面', en: 'Area' },
  drawHow: { zh: '在地图上点击加点，双击或 Enter 结束，Backspace 退一点，Esc 取消。地图有焦点时空格在中心加点。', en: 'Click the map to add points; double click or Enter ends, Backspace takes one back, Esc cancels. With the map focused, Space adds the centre.' },
  drawPointHow: { zh: '在地图上点一下要封的道路。Esc 取消；地图有焦点时空格取中心。', en: 'Click the road to close. Esc cancels; with the map focused, Space takes the centre.' },
  drawn: { zh: '已有 {n} 点', en: '{n} points' },
  drawFinish: { zh: '完成', en: 'Done' },
  drawUndo: { zh: '退一点', en: 'Back one' },
  drawCancel: { zh: '取消', en: 'Cancel' },
  drawAgain: { zh: '重画', en: 'Draw again' },
  cause: { zh: '原因', en: 'Cause' },
  reason: { zh: '说明', en: 'Reason' },
  reasonHint: { zh: '例如：桥面塌陷，禁止通行', en: 'Such as: the deck has fallen in' },
  whoCannot: { zh: '谁不能通行', en: 'Who can not pass' },
  byDepth: { zh: '按水深判断', en: 'By depth of water' },
  depthCm: { zh: '水深（厘米）', en: 'Depth (cm)' },
  depthHow: { zh: '各类通行方式能否涉水由服务按水深判断。', en: 'Who can still wade through is decided by the service.' },
  untilField: { zh: '结束时间（北京时间，可空）', en: 'Until (Beijing time, may be empty)' },
  sourceField: { zh: '来源（可空）', en: 'Source (may be empty)' },
  close: { zh: '封控', en: 'Close' },
  closing: { zh: '正在计算影响…', en: 'Working out what it does…' },
  needReason: { zh: '请写明说明。', en: 'Say why.' },
  needWho: { zh: '请至少选一类。', en: 'Choose at least one.' },

  lift: { zh: '解除', en: 'Lift' },
  liftTitle: { zh: '解除封控？', en: 'Lift the closure?' },
  liftAsk: { zh: '“{reason}”解除后，道路立即恢复通行，所有查询马上改变。', en: 'Once “{reason}” is lifted the roads are open and every answer changes at once.' },
  liftYes: { zh: '确认解除', en: 'Lift it' },

  effectClosed: { zh: '已封控', en: 'Closed' },
  effectLifted: { zh: '已解除', en: 'Lifted' },
  cutOff: { zh: '被切断', en: 'Cut off' },
  regained: { zh: '恢复可达', en: 'Regained' },
  delayed: { zh: '绕行超过 5 分钟', en: 'Delayed over 5 min' },
  sooner: { zh: '缩短超过 5 分钟', en: 'Sooner by over 5 min' },
  peopleN: { zh: '{n} 人', en: '{n} people' },
  sitesN: { zh: '资源 {n} 处', en: '{n} resources' },
  moreSites: { zh: '等 {n} 处', en: '{n} in all' },
  noTown: { zh: '街镇以外', en: 'outside of every town' },
  effectNone: { zh: '没有人被切断或明显绕行。', en: 'Nobody is cut off or noticeably delayed.' },
  effectRegainedNone: { zh: '没有人因此恢复可达。', en: 'Nobody regains anything by it.' },
  townsMore: { zh: '另有 {n} 个街镇', en: '{n} more towns' },
}

export const tr = phrases(roads)

/** A duration in seconds as text, to the minute. */
export function durationText(duration_s: number): string {
  const minutes = Math.round(duration_s / 60)
  if (minutes < 1) return tr('underMinute')
  return minutes < 60 ? tr('minutes', { n: minutes }) : tr('hours', { h: Math.floor(minutes / 60), m: minutes % 60 })
}

/** Who can not pass, in words. */
export function whoText(profiles: readonly string[], all: number): string {
  return profiles.length >= all ? tr('everybody') : profiles.map((profile) => word(way, profile)).join(' · ')
}
