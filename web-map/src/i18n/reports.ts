// Phrases and words of reports of errors: the form, the receipt. The public page loads them only with the form.
import { phrases } from './lang'

export const fault = {
  moved: { zh: '位置不对', en: 'it is somewhere else' },
  closed: { zh: '已关闭或不存在', en: 'it is closed or gone' },
  wrong_phone: { zh: '电话不对', en: 'the phone number is wrong' },
  wrong_name: { zh: '名称或地址不对', en: 'the name or the address is wrong' },
  wrong_capacity: { zh: '容量或设施不对', en: 'capacity or facilities are wrong' },
  no_access: { zh: '进不去', en: 'one can not get in' },
  other: { zh: '其他', en: 'something else' },
}

export const correctionState = {
  open: { zh: '待核实', en: 'waiting' },
  accepted: { zh: '已采纳', en: 'accepted' },
  rejected: { zh: '未采纳', en: 'not accepted' },
}

export const reports = {
  title: { zh: '报错', en: 'Report an error' },
  about: { zh: '关于：{name}', en: 'About: {name}' },
  fault: { zh: '哪里不对？', en: 'What is wrong?' },
  message: { zh: '请说明', en: 'Tell us more' },
  messageHint: { zh: '例如：大门已改到南侧', en: 'For example: the gate is on the south side now' },
  where: { zh: '正确的位置（可不填）', en: 'The right position (optional)' },
  whereShow: { zh: '在地图上指出', en: 'Show it on a map' },
  whereHint: { zh: '在地图上点一下，或拖动图钉', en: 'Tap the map, or drag the pin' },
  whereGps: { zh: '用我的位置', en: 'Use my position' },
  whereClear: { zh: '不指出位置', en: 'Leave the position out' },
  moved: { zh: '离现在的图钉约 {distance}', en: 'about {distance} from the present pin' },
  contact: { zh: '怎样联系您（可不填）', en: 'How to reach you (optional)' },
  contactHint: { zh: '电话或邮箱；不公开，只给核实的人看', en: 'Phone or e-mail; not public, only for those who check' },
  photo: { zh: '照片（可不填）', en: 'Photo (optional)' },
  photoTake: { zh: '拍照或选照片', en: 'Take or choose a photo' },
  photoDrop: { zh: '去掉照片', en: 'Remove the photo' },
  photoBad: { zh: '这张照片打不开。请换一张 JPEG、PNG 或 WebP。', en: 'This photo can not be read. Choose another JPEG, PNG or WebP.' },
  send: { zh: '提交', en: 'Send' },
  sending: { zh: '正在提交…', en: 'Sending…' },
  thanks: { zh: '谢谢，已收到。', en: 'Thank you, it has arrived.' },
  receiptIs: { zh: '受理编号', en: 'Receipt number' },
  keep: { zh: '请记下编号，可凭它查看答复。', en: 'Keep the number; it shows you the answer.' },
  due: { zh: '最迟 {time} 前答复', en: 'To be answered by {time}' },
  lookUp: { zh: '查看处理结果', en: 'See the answer' },
  privacy: { zh: '不需要个人信息。', en: 'No personal data is needed.' },
  retention: { zh: '答复之后，照片保留 {photo} 天、联系方式保留 {contact} 天，到期自动删除。', en: 'After the answer the photo is kept for {photo} days and your contact for {contact} days; then they are erased by themselves.' },
  geoDenied: { zh: '没有定位权限。请在浏览器设置中允许。', en: 'Permission to locate was refused. Allow it in the browser’s settings.' },
  geoAbsent: { zh: '此浏览器不能定位（需要 HTTPS 访问）。可以拖动图钉。', en: 'This browser can not locate (it needs an HTTPS address). Drag the pin instead.' },
  geoFailed: { zh: '暂时定位不到。请到室外再试，或拖动图钉。', en: 'No position yet. Try again outdoors, or drag the pin.' },
  receiptTitle: { zh: '查询报错结果', en: 'Look up a report' },
  receiptHelp: { zh: '输入报错时得到的编号，例如 ABCD-EFGH-JKMN。', en: 'Enter the number you got, such as ABCD-EFGH-JKMN.' },
  receiptAsk: { zh: '查询', en: 'Look up' },
  receiptNone: { zh: '没有这个编号。请再核对一遍；O 和 0、I 和 1 不必区分。', en: 'There is no such number. Check it once more; O and 0, I and 1 are the same.' },
  reportedAt: { zh: '报告于', en: 'Reported' },
  answeredAt: { zh: '答复于', en: 'Answered' },
  reply: { zh: '答复', en: 'Answer' },
  gone: { zh: '此场所已不再公布', en: 'This place is no longer listed' },
  noReply: { zh: '还没有答复。', en: 'There is no answer yet.' },
  toShelters: { zh: '查询避难场所', en: 'Find a shelter' },
}

export const tre = phrases(reports)
