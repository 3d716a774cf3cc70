from django.urls import path

from accounts.views import activation, own_slips, second_factor, sign_in, trail

app_name = "accounts"

urlpatterns = [
    path("sign-in/", sign_in.SignInView.as_view(), name="sign_in"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("activate/", activation.activate, name="activate"),
    path("activate/password/", activation.choose_password, name="activate_password"),
    path("privacy/", activation.privacy, name="privacy"),
    path("trail/", trail.trail, name="trail"),
    path("trail/<int:entry_id>/", trail.trail_entry, name="trail_entry"),
    path("second-factor/", second_factor.give_code, name="second_factor"),
    path("second-factor/app/", second_factor.enrol, name="enrol_second_factor"),
    path("second-factor/codes/", second_factor.recovery_codes, name="recovery_codes"),
    path("second-factor/codes/renew/", second_factor.renew_codes, name="renew_recovery_codes"),
    path("accounts/<int:user_id>/second-factor/", second_factor.reset, name="reset_second_factor"),
    path("my/slips/", own_slips.own_slips, name="own_slips"),
    path("my/slips/seen/", own_slips.see_slip, name="see_slip"),
    path("password/", sign_in.change_password, name="password_change"),
]
