from django.urls import path

from apps.pipeline import (
    create_views,
    mail_views,
    media_views,
    picture_views,
    preview_views,
    public_views,
    scene_views,
    share_views,
    video_views,
    views,
    voice_views,
)

app_name = "pipeline"
urlpatterns = [
    path("app", views.videos, name="videos"),
    path("app/new", create_views.new, name="new"),
    path("app/new/voice", preview_views.hear, name="hear"),
    path("app/new/voice/<str:sample_name>", preview_views.voice_sample, name="voice_sample"),
    path("app/new/captions/<str:frame_token>", preview_views.caption_frame, name="caption_frame"),
    path("app/voices", voice_views.voices, name="voices"),
    path("app/voices/<uuid:profile_id>/delete", voice_views.delete_voice, name="delete_voice"),
    path("app/videos/<uuid:video_id>", video_views.video, name="video"),
    path("app/videos/<uuid:video_id>/progress", video_views.progress, name="progress"),
    path("app/videos/<uuid:video_id>/pictures/<slug:sha256>/<int:width>", picture_views.picture, name="picture"),
    path("app/videos/<uuid:video_id>/stop", views.stop, name="stop"),
    path("app/videos/<uuid:video_id>/mail", mail_views.mail_when_done, name="mail_when_done"),
    path("app/videos/<uuid:video_id>/finished", video_views.finished, name="finished"),
    path("app/videos/<uuid:video_id>/scenes", scene_views.scenes, name="scenes"),
    path("app/videos/<uuid:video_id>/retry", views.retry, name="retry"),
    path("app/videos/<uuid:video_id>/delete", views.delete, name="delete"),
    path("app/videos/<uuid:video_id>/share", share_views.share, name="share"),
    path("app/videos/<uuid:video_id>/share/stop", share_views.stop_sharing, name="stop_sharing"),
    path("assets/<uuid:asset_id>", media_views.asset, name="asset"),
    path("download/<str:token>", media_views.download, name="download"),
    path("v/<str:share_token>", public_views.shared, name="shared"),
    path("v/<str:share_token>/<str:share_file>", public_views.file, name="shared_file"),
    path("embed/<str:share_token>", public_views.embed, name="embed"),
    path("oembed", public_views.oembed, name="oembed"),
    path("dev/videos", views.dev_videos, name="dev_videos"),
]
