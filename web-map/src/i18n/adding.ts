// Phrases of making and removing records by hand, and of their lists: stock, equipment, contacts.
import { phrases, type Table } from './lang'

export const adding = {
  add: { zh: '新增', en: 'Add' },
  title: { zh: '新增{kind}', en: 'Add: {kind}' },
  basics: { zh: '基本信息', en: 'Basics' },
  required: { zh: '必填', en: 'required' },
  codeHint: { zh: '没有正式编码时，用这个临时编号', en: 'A provisional number, for want of an official code' },
  place: { zh: '位置', en: 'Position' },
  placeHelp: { zh: '在地图上点一下放图钉，可拖动；站在现场时用手机定位。', en: 'Tap the map to put the pin, then drag it; on the spot, use this device.' },
  notPut: { zh: '还没有位置', en: 'No position yet' },
  divisionAuto: { zh: '按位置', en: 'by position' },
  divisionNone: { zh: '未定', en: 'none' },
  figures: { zh: '主要数据', en: 'Main figures' },
  more: { zh: '更多字段（可不填）', en: 'More fields (optional)' },
  why: { zh: '为什么新增（记入日志，可不填）', en: 'Why (for the journal, optional)' },
  create: { zh: '新增这一条', en: 'Add this record' },
  creating: { zh: '正在保存…', en: 'Saving…' },
  fix: { zh: '有 {n} 处要改，已标在字段下面。', en: '{n} to put right, each told below its field.' },
  notNumber: { zh: '请填数字', en: 'Write a number' },
  codeTaken: { zh: '这个编码已有记录，请换一个', en: 'There is a record of this code; choose another' },

  added: { zh: '已新增“{name}”', en: 'Added “{name}”' },
  wasSuspended: { zh: '已停用“{name}”', en: '“{name}” is out of service' },
  wasRemoved: { zh: '已删除“{name}”', en: 'Removed “{name}”' },
  takenBack: { zh: '已撤销：“{name}”和原来一样。', en: 'Undone: “{name}” is as it was.' },

  remove: { zh: '停用或删除', en: 'Suspend or remove' },
  suspend: { zh: '停用', en: 'Suspend' },
  suspendHelp: { zh: '记录留着，就近查询不再推荐它', en: 'The record stays; it is no longer offered to anybody' },
  delete: { zh: '删除', en: 'Remove' },
  deleteHelp: { zh: '从表格和地图上拿掉，历史仍可查', en: 'Gone from tables and maps; its history can still be looked up' },
  removeWhy: { zh: '为什么（必填，记入日志）', en: 'Why (required, for the journal)' },
  needWhy: { zh: '请写明原因。', en: 'Say why.' },
  suspendYes: { zh: '确认停用', en: 'Suspend it' },
  deleteYes: { zh: '确认删除', en: 'Remove it' },

  lineAdd: { zh: '加一行', en: 'Add a line' },
  lineDrop: { zh: '去掉第 {n} 行', en: 'Take line {n} away' },
  linesNone: { zh: '未填', en: 'None' },
  linesEdit: { zh: '修改{list}', en: 'Edit {list}' },
}

/** What the parts of a line are called. */
export const lineNames = {
  'stock.name': { zh: '品名', en: 'Item' },
  'stock.quantity': { zh: '数量', en: 'Quantity' },
  'stock.unit': { zh: '单位', en: 'Unit' },
  'stock.expires_on': { zh: '有效期', en: 'Expires' },
  'stock.reserve_mode': { zh: '方式', en: 'Held' },
  'stock.code': { zh: '物资编码', en: 'Code' },
  'equipment.name': { zh: '装备', en: 'Equipment' },
  'equipment.quantity': { zh: '数量', en: 'Quantity' },
  'contacts.name': { zh: '姓名', en: 'Name' },
  'contacts.role': { zh: '职务', en: 'Role' },
  'contacts.phone': { zh: '电话', en: 'Phone' },
} satisfies Table

export const tad = phrases(adding)
