"""What safety refuses."""

from backend.foundation.errors import Conflict, Forbidden, TooManyRequests, Unprocessable


class TextRefused(Unprocessable):
    """WeChat finds a text risky; `errors` names its fields. Nothing was written, the form is still on the phone."""

    code = "text_refused"
    message = "有文字没有通过微信的内容安全检查，请修改标出的内容后再提交"


class PictureInvalid(Unprocessable):
    """What the bytes are is seen from the bytes alone."""

    code = "picture_invalid"
    message = "图片无法识别，请换一张 JPG、PNG 或 WebP 格式的照片"


class PictureTooLarge(Unprocessable):
    code = "picture_too_large"
    message = "图片尺寸过大，请在手机上压缩后再上传"


class PicturesNotAgreed(Conflict):
    code = "pictures_not_agreed"
    message = "您已撤回展示照片的同意，如要上传，请先到“我的 → 隐私”重新同意"


class TooManyPictures(TooManyRequests):
    code = "too_many_pictures"
    message = "今天上传的图片已达 {most} 张，请明天再传"
    advice_facts = {"most": 30}  # noqa: RUF012
    retry_after = 3600


class OwnContent(Forbidden):
    code = "own_content"
    message = "不能审核自己或家人发布的内容，请由其他工作人员审核"


class ContentDecided(Conflict):
    code = "content_decided"
    message = "这条内容已经审核过了，请刷新查看"
