import type { enAccess } from './en.access.ts'

/** The Vietnamese words about getting into the account, backups and moving. */
export const viAccess: typeof enAccess = {
  access: {
    password: 'Mật khẩu',
    passwordHas: 'Dùng nó để đăng nhập bằng tên ở nơi bạn không có liên kết.',
    passwordNone: 'Chưa có mật khẩu: bạn đăng nhập bằng liên kết. Có mật khẩu, bạn cũng đăng nhập được bằng tên.',
    change: 'Đổi mật khẩu',
    set: 'Đặt mật khẩu',
    current: 'Mật khẩu hiện tại',
    next: 'Mật khẩu mới',
    nextHelp: 'Ít nhất 8 ký tự. Một câu thì tốt và dễ nhớ.',
    signsOut: 'Mọi phiên đăng nhập khác của tài khoản này sẽ bị đăng xuất.',
    changed:
      'Đã đặt mật khẩu. Không có ai khác đang đăng nhập. | Đã đặt mật khẩu, {n} phiên khác đã bị đăng xuất. | Đã đặt mật khẩu, {n} phiên khác đã bị đăng xuất.',
    sessions: 'Đang đăng nhập',
    sessionsText: 'Trình duyệt và máy có thể làm việc thay bạn. Hãy đăng xuất những gì bạn không biết, rồi đổi mật khẩu.',
    sessionsNone: 'Không có phiên riêng nào: trang này làm việc thông qua máy mà nó đang chạy.',
    here: 'trang này',
    program: 'Pictor Worker hoặc dòng lệnh của nó',
    used: 'dùng lần cuối {age}, từ {address}',
    end: 'Đăng xuất',
    endLabel: 'Đăng xuất {name}',
    ended: 'Đã đăng xuất: {name}.',
    endOthers: 'Đăng xuất mọi phiên khác',
    endedOthers: 'Không có ai khác đang đăng nhập. | {n} phiên khác đã bị đăng xuất. | {n} phiên khác đã bị đăng xuất.',
    away: 'Máy chủ không trả lời nên chưa thể hiển thị. Trang sẽ hỏi lại khi máy chủ trở lại.',
    move: 'Sao lưu và chuyển sang máy khác',
    moveText:
      'Bản sao lưu chứa mọi thứ máy chủ giữ: tài khoản, worker, công việc, hình ảnh, sổ cái và nhật ký. Nó được tạo khi máy chủ đang chạy.',
    steps: {
      backup: 'Trên máy của máy chủ, ghi bản sao lưu vào một thư mục mới:',
      copy: 'Chép thư mục đó sang máy kia và dừng máy chủ ở đây bằng Ctrl-C. Không được chạy hai máy chủ với cùng dữ liệu.',
      restore: 'Ở máy kia, trước khi Pictor Worker từng được khởi động, nạp dữ liệu từ thư mục:',
      start:
        'Khởi động nó ở đó. Cho nó địa chỉ của máy cũ để worker và trình duyệt tìm thấy; nếu không, hãy tạo tệp cấu hình mới cho từng worker.',
      after: 'Không cần làm gì thêm: worker và trình duyệt nhận ra máy chủ đã được khôi phục và gửi lại những gì nó chưa có.',
    },
    folder: '/duong/dan/sao-luu',
  },
}
