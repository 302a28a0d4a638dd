"""A handler class that does what the token says."""

from tests.factories import UserFactory
from tests.oauth.exchanging import exchanging_org
from tokenx.org.models import BuiltInProfile, Profile
from tokenx.org.record_ids import PROFILE, record_id

_CLASS = """
public class ObedientHandler extends Auth.Oauth2TokenExchangeHandler {
    public override Auth.TokenValidationResult validateIncomingToken(
            String appName, Auth.IntegratingAppType appType, String incomingToken,
            Auth.OAuth2TokenExchangeType tokenType) {
        if (incomingToken == 'refuse') {
            return new Auth.TokenValidationResult(false);
        }
        if (incomingToken == 'explain') {
            return new Auth.TokenValidationResult(
                false, null, null, null, tokenType, 'Ask for a new token.');
        }
        if (incomingToken == 'nothing') {
            return null;
        }
        if (incomingToken == 'throw') {
            fail();
        }
        Auth.UserData data = new Auth.UserData(incomingToken, null, null, null, null, null,
            null, null, 'test', null, null);
        return new Auth.TokenValidationResult(
            true, null, data, incomingToken, tokenType, 'Not for this token.');
    }

    public override User getUserForTokenSubject(Id networkId,
            Auth.TokenValidationResult result, Boolean canCreateUser,
            String appName, Auth.IntegratingAppType appType) {
        String wanted = result.userData.identifier;
        if (wanted == 'throw later') {
            fail();
        }
        if (wanted == 'no one') {
            return null;
        }
        if (wanted.startsWith('005')) {
            return new User(Id = wanted);
        }
        if (wanted.startsWith('new ')) {
            return newUser(wanted.substring(4));
        }
        if (wanted.startsWith('mixed ')) {
            insert new PermissionSet(Name = 'Made', Label = 'Made');
            return newUser(wanted.substring(6));
        }
        if (wanted.startsWith('insert ')) {
            User made = newUser(wanted.substring(7));
            insert made;
            return null;
        }
        List<User> found = [SELECT Id FROM User WHERE Username = :wanted];
        return found.isEmpty() ? null : found[0];
    }

    private void fail() {
        Integer zero = 0;
        Integer nothing = 1 / zero;
    }

    private User newUser(String username) {
        return new User(Username = username, LastName = 'New', Alias = 'new',
            Email = 'new@x.example', TimeZoneSidKey = 'GMT', LocaleSidKey = 'en_US',
            EmailEncodingKey = 'UTF-8', LanguageLocaleKey = 'en_US',
            ProfileId = '%s');
    }
}
"""


def obedient_org(org, **app):
    """Return an org with the class; its new users have the profile of its user."""
    profile = Profile.objects.filter(org=org, kind=BuiltInProfile.STANDARD_USER).first()
    profile = profile or UserFactory(org=org, profile=BuiltInProfile.STANDARD_USER).profile
    return exchanging_org(org, _CLASS % record_id(PROFILE, profile.pk), **app)
